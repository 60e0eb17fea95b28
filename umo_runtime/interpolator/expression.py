"""Emotions as a layer on the face, by the action units (AU) of their prototypes.

Joy is AU 6 + 12, anger 4 + 5 + 7 + 23/24 (often with 10), sadness 1 + 4 + 15.
Source: P. Ekman and W. Friesen, "Facial Action Coding System", 1978.

Speech comes first: jaw and lip closure are not touched, and what is added around the mouth gives
way to lips that are pressed, rounded or wide open.
"""

import torch
from torch import Tensor, nn

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.controls import JOY, SADNESS

_BOTH = ("Left", "Right")
# Values at full intensity, on either side alike.
_UPPER_FACE: tuple[dict[str, float], ...] = (
    {"cheekSquint": 0.7, "eyeSquint": 0.4},  # AU 6
    {"browDown": 0.9, "eyeWide": 0.3, "eyeSquint": 0.5, "noseSneer": 0.25},  # AU 4, 5, 7, some 10
    {"browInnerUp": 0.8, "browDown": 0.2, "eyeSquint": 0.15},  # AU 1, 4
)
_MOUTH: tuple[dict[str, float], ...] = (
    {"mouthSmile": 0.6},  # AU 12
    {"mouthPress": 0.45},  # AU 23, 24
    {"mouthFrown": 0.6},  # AU 15
)
_SPEAKING = ("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthPress")
_GIVES_WAY = 0.6  # share of the mouth's layer that lips at their busiest take away


class Expression(nn.Module):
    """Adds an emotion to the blendshapes."""

    upper_face: Tensor
    mouth: Tensor
    speaking: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("upper_face", _table(_UPPER_FACE), persistent=False)
        self.register_buffer("mouth", _table(_MOUTH), persistent=False)
        channels = [channel for name in _SPEAKING for channel in _channels(name)]
        self.register_buffer("speaking", torch.tensor(channels), persistent=False)

    def forward(self, blendshapes: Tensor, controls: Tensor) -> Tensor:
        """Blendshapes [B, 52] in the mood that eased controls [B, CONTROL_DIM] tell."""
        mood = controls[:, JOY : SADNESS + 1]
        busy = blendshapes.index_select(1, self.speaking).amax(dim=1, keepdim=True)
        mouth = (1 - _GIVES_WAY * busy) * (mood @ self.mouth)
        return (blendshapes + mood @ self.upper_face + mouth).clamp(0.0, 1.0)


def _channels(name: str) -> list[int]:
    names = (name,) if name in BLENDSHAPE_INDEX else (name + side for side in _BOTH)
    return [BLENDSHAPE_INDEX[name] for name in names]


def _table(emotions: tuple[dict[str, float], ...]) -> Tensor:
    """Value of every channel by emotion, [3, 52]."""
    table = torch.zeros(len(emotions), NUM_BLENDSHAPES)
    for row, shapes in zip(table, emotions, strict=True):
        for name, value in shapes.items():
            row[_channels(name)] = value
    return table
