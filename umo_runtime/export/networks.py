"""The three networks as flat functions: tensors in, tensors out, then state, then rings.

One step of each network is one ONNX file. Inputs and outputs are listed by name here; the manifest
beside the files repeats them for the engine.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from umo_runtime.controls import CONTROL_DIM
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.types import FRAMES_PER_KEYFRAME, MEL_PER_FRAME, WINDOW_SAMPLES

_EXAMPLE_BATCH = 11  # any number above 1 that no other axis has


class FlatStep(nn.Module):
    """A network step whose arguments and results are plain tensors."""

    def __init__(self, network: nn.Module, step: Callable[..., tuple[object, ...]]) -> None:
        super().__init__()
        self.network = network
        self._step = step

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Run the step and flatten its results, new state and what goes into rings last."""
        *outputs, state = self._step(*tensors)
        assert isinstance(state, tuple)
        return (*(out for out in outputs if isinstance(out, Tensor)), *state)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """What export and engine need to know of one network.

    Attributes:
        name: file stem and manifest key.
        step: the flat step.
        inputs: example tensor per input name, batch first.
        outputs: names of the outputs before the state.
        state: one stream's initial state, [1, ...] each, which a step replaces.
        rings: its memory of past steps, [1, H, W, ...] each, of which a step replaces one, the
            oldest: that of its number modulo W.
    """

    name: str
    step: FlatStep
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    state: tuple[Tensor, ...]
    rings: tuple[Tensor, ...] = ()

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the state inputs; the outputs are called the same with `_next`."""
        return tuple(f"state_{index}" for index in range(len(self.state)))

    @property
    def ring_names(self) -> tuple[str, ...]:
        """Names of the ring inputs; the outputs are called the same with `_written`."""
        return tuple(f"ring_{index}" for index in range(len(self.rings)))

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the flat step's arguments."""
        return (*self.inputs, *self.state_names, *self.ring_names)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the flat step's results."""
        state = (f"{name}_next" for name in self.state_names)
        return (*self.outputs, *state, *(f"{name}_written" for name in self.ring_names))

    def example(self) -> tuple[Tensor, ...]:
        """Example arguments of the flat step."""
        kept = (*self.state, *self.rings)
        rows = (part.expand(_EXAMPLE_BATCH, *part.shape[1:]).clone() for part in kept)
        return (*self.inputs.values(), *rows)


def tokenizer_spec(tokenizer: AudioTokenizer) -> NetworkSpec:
    """Raw windows to audio codes and features."""
    return NetworkSpec(
        "tokenizer",
        FlatStep(tokenizer, tokenizer.forward),
        {"windows": torch.randn(_EXAMPLE_BATCH, MEL_PER_FRAME, WINDOW_SAMPLES) * 0.1},
        ("codes", "features"),
        tokenizer.initial_state(1),
    )


def predictor_spec(predictor: KeyframePredictor, rest_codes: Tensor) -> NetworkSpec:
    """Codes of sound and words to the next pose; streams start at `rest_codes` [R, Q]."""
    config = predictor.config
    position, _ = predictor.initial_state(1)
    audio_shape = (_EXAMPLE_BATCH, FRAMES_PER_KEYFRAME, config.audio_levels)
    return NetworkSpec(
        "predictor",
        FlatStep(predictor, predictor.step),
        {
            "audio": torch.zeros(audio_shape, dtype=torch.int64),
            "text": torch.zeros(_EXAMPLE_BATCH, config.text_slots, dtype=torch.int64),
            "controls": torch.rand(_EXAMPLE_BATCH, CONTROL_DIM),
            "uniforms": torch.rand(_EXAMPLE_BATCH, predictor.in_step.positions),
        },
        ("pose",),
        (position, rest_codes[None]),
        predictor.initial_rings(1),
    )


def interpolator_spec(interpolator: Interpolator, features: int) -> NetworkSpec:
    """Two keyframes, a phase, audio features and controls to one dense frame."""
    return NetworkSpec(
        "interpolator",
        FlatStep(interpolator, interpolator.forward),
        {
            "previous": torch.randn(_EXAMPLE_BATCH, POSE_DIM),
            "following": torch.randn(_EXAMPLE_BATCH, POSE_DIM),
            "phase": torch.rand(_EXAMPLE_BATCH),
            "features": torch.randn(_EXAMPLE_BATCH, features),
            "controls": torch.rand(_EXAMPLE_BATCH, CONTROL_DIM),
        },
        ("rotations", "root_position", "blendshapes"),
        interpolator.initial_state(1),
    )
