"""Limbs have mass: bones follow their curve like a critically damped spring.

Drawn keyframes have a grain, which a curve through them turns into jerk that no body has. A
critically damped spring is the smoothest follower that never overshoots; one frame of it is solved
exactly, so it is stable at any rate. Neck and head follow closely, or nods would be lost; the trunk
leans slowly, or every limb would sway with the grain of its codes.
Source: D. Holden, "Spring-It-On: The Game Developer's Spring-Roll-Call", 2021 (exact damper).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from umo_runtime.skeleton import BONES
from umo_runtime.types import FRAME_RATE_HZ

LAG_S = 0.17  # how late a limb is behind a steady movement
_LAGS_S = {
    **dict.fromkeys(("Neck", "Head"), 0.07),
    **dict.fromkeys(("Spine", "Chest", "UpperChest"), 0.9),
}
_FRAME_S = 1 / FRAME_RATE_HZ
_GESTURE_HZ = 0.8  # strokes are 1 to 2 s apart, and quicker than their pauses
_TAKEN = (math.pi * _GESTURE_HZ * LAG_S) ** 2  # of a swing at that rate, to first order


class Inertia(nn.Module):
    """A critically damped spring on each of N bones."""

    rate_per_s: Tensor

    def __init__(self, bones: Sequence[int]) -> None:
        super().__init__()
        lags_s = [[_LAGS_S.get(BONES[bone], LAG_S)] for bone in bones]
        self.register_buffer("rate_per_s", 2 / torch.tensor(lags_s), persistent=False)

    def forward(self, target: Tensor, place: Tensor, speed: Tensor) -> tuple[Tensor, Tensor]:
        """Move on by one frame.

        Args:
            target: unit quaternions to go to, [..., N, 4].
            place: those of the frame before, [..., N, 4].
            speed: how `place` changes a second, [..., N, 4]; zero at rest.

        Returns:
            New place and speed. The place is close to unit length; normalise before use.
        """
        decay = torch.exp(-_FRAME_S * self.rate_per_s)
        near = torch.where((target * place).sum(dim=-1, keepdim=True) < 0, -target, target)
        away = place - near
        pull = (speed + self.rate_per_s * away) * _FRAME_S
        return near + (away + pull) * decay, (speed - self.rate_per_s * pull) * decay


def make_up(values: Tensor, start: Tensor) -> Tensor:
    """Swing wider by what inertia will take from a gesture.

    Args:
        values: of the body, [..., V].
        start: those a stream began with, [..., V]: what swings are measured from.
    """
    return values + _TAKEN * (values - start)
