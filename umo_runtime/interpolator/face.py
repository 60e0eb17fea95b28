"""The 52 blendshapes of one frame from keyframe expressions, gaze, lids and the mouth."""

import torch
from torch import Tensor, nn

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS
from umo_runtime.interpolator.gaze import LID_FOLLOWS, LOOK_CHANNELS, look_values
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.pose import EXPRESSION_CHANNELS, NUM_EXPRESSIONS, REGION_SLICES

_LIDS = (BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"])
_LOOKS = tuple(channel for channel, _, _ in LOOK_CHANNELS)
_LOOKS_DOWN = slice(_LOOKS.index(BLENDSHAPE_INDEX["eyeLookDownLeft"]), None)  # left, right
_CHANNELS = (*EXPRESSION_CHANNELS, *MOUTH_CHANNELS, *_LOOKS, *_LIDS)


class Face(nn.Module):
    """Puts every part's channels in their place."""

    place: Tensor

    def __init__(self) -> None:
        super().__init__()
        place = torch.tensor(_CHANNELS).argsort()
        self.register_buffer("place", place, persistent=False)

    def forward(self, expressions: Tensor, mouth: Tensor, gaze_rad: Tensor, lids: Tensor) -> Tensor:
        """Blendshapes [B, 52].

        Args:
            expressions: of the upper face, [B, E] in 0..1.
            mouth: [B, M] in 0..1.
            gaze_rad: of the eyes in the head, [B, 2].
            lids: closure, [B, 1] in 0..1; they also come down with the gaze.
        """
        looks = look_values(gaze_rad)
        lids = torch.maximum(lids, LID_FOLLOWS * looks[:, _LOOKS_DOWN])
        return torch.cat((expressions, mouth, looks, lids), dim=1).index_select(1, self.place)


def face_between(previous: Tensor, following: Tensor, phase: Tensor) -> tuple[Tensor, Tensor]:
    """Expressions [B, E] and gaze [B, 2] between two poses [B, P], at phases [B, 1]."""
    start, end = previous[:, REGION_SLICES[Region.FACE]], following[:, REGION_SLICES[Region.FACE]]
    step = end - start
    expressions = (start + phase * step)[:, :NUM_EXPRESSIONS].clamp(0.0, 1.0)
    jump = (2 * phase).clamp(max=1.0)  # a saccade is over in two frames
    gaze_rad = start + jump * jump * (3 - 2 * jump) * step
    return expressions, gaze_rad[:, NUM_EXPRESSIONS:-1]
