"""Controls as a character can follow them: a sudden change sets in over a few frames.

A mood comes and goes over about a second, lips part or meet in a fifth of one, a saccade of 30
degrees takes a tenth (its duration: A. T. Bahill, M. Clark and L. Stark, "The main sequence",
Mathematical Biosciences 1975).
"""

import math

import torch
from torch import Tensor, nn

from umo_runtime.controls import (
    CALMNESS,
    CONTROL_DIM,
    GAZE_WEIGHT,
    JOY,
    LISTENING,
)
from umo_runtime.types import FRAME_RATE_HZ

_TIME_CONSTANTS_S = {CALMNESS: 0.4, LISTENING: 0.07, JOY: 0.4, GAZE_WEIGHT: 0.035}


class Easing(nn.Module):
    """First-order followers of the control vector."""

    share: Tensor

    def __init__(self) -> None:
        super().__init__()
        starts = [*_TIME_CONSTANTS_S, CONTROL_DIM]
        shares = [
            1 - math.exp(-1 / (FRAME_RATE_HZ * time_constant_s))
            for place, time_constant_s in enumerate(_TIME_CONSTANTS_S.values())
            for _ in range(starts[place], starts[place + 1])
        ]
        self.register_buffer("share", torch.tensor(shares), persistent=False)

    def forward(self, controls: Tensor, last: Tensor, is_first: Tensor) -> Tensor:
        """Controls to act by.

        Args:
            controls: what is told, [B, CONTROL_DIM].
            last: what was acted by a frame ago, [B, CONTROL_DIM].
            is_first: [B, 1] true on a stream's first frame, which obeys at once.

        Returns:
            [B, CONTROL_DIM]; exactly `controls` as long as they never changed.
        """
        return torch.where(is_first, controls, last + self.share * (controls - last))
