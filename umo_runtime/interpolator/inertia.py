"""Limbs have mass: bones follow their curve like a critically damped spring.

Drawn keyframes have a grain, which a curve through them turns into jerk that no body has. A
critically damped spring is the smoothest follower that never overshoots; one frame of it is solved
exactly, so it is stable at any rate.
Source: D. Holden, "Spring-It-On: The Game Developer's Spring-Roll-Call", 2021 (exact damper).
"""

import math

import torch
from torch import Tensor

from umo_runtime.types import FRAME_RATE_HZ

LAG_S = 0.14  # how late a bone is behind a steady movement
_RATE_PER_S = 2 / LAG_S
_FRAME_S = 1 / FRAME_RATE_HZ
_DECAY = math.exp(-_RATE_PER_S * _FRAME_S)
_GESTURE_HZ = 0.8  # strokes are 1 to 2 s apart, and quicker than their pauses
_TAKEN = (2 * math.pi * _GESTURE_HZ / _RATE_PER_S) ** 2  # of a swing at that rate, to first order


def follow(target: Tensor, place: Tensor, speed: Tensor) -> tuple[Tensor, Tensor]:
    """Move on by one frame.

    Args:
        target: unit quaternions to go to, [..., 4].
        place: those of the frame before, [..., 4].
        speed: how `place` changes a second, [..., 4]; zero at rest.

    Returns:
        New place and speed. The place is close to unit length; normalise before use.
    """
    near = torch.where((target * place).sum(dim=-1, keepdim=True) < 0, -target, target)
    away = place - near
    pull = (speed + _RATE_PER_S * away) * _FRAME_S
    return near + (away + pull) * _DECAY, (speed - _RATE_PER_S * pull) * _DECAY


def make_up(values: Tensor, start: Tensor) -> Tensor:
    """Swing wider by what inertia will take from a gesture.

    Args:
        values: of the body, [..., V].
        start: those a stream began with, [..., V]: what swings are measured from.
    """
    return values + _TAKEN * (values - start)
