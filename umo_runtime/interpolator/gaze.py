"""Gaze as eye-bone rotations and as ARKit eye-look blendshapes, from one pair of angles.

Yaw is positive to the character's left, pitch positive up, both in radians.
"""

import math

import torch
from torch import Tensor

from umo_runtime.blendshapes import BLENDSHAPE_INDEX

EYE_RANGE_RAD = math.radians(30.0)  # an eye-look channel is 1 at this angle
LID_FOLLOWS = 0.5  # an upper lid comes down with the gaze by this share of eyeLookDown

# (channel, axis of gaze, sign): the channel grows as sign * gaze[axis] does.
LOOK_CHANNELS: tuple[tuple[int, int, float], ...] = tuple(
    (BLENDSHAPE_INDEX[name], axis, sign)
    for name, axis, sign in (
        ("eyeLookOutLeft", 0, 1.0),
        ("eyeLookInRight", 0, 1.0),
        ("eyeLookInLeft", 0, -1.0),
        ("eyeLookOutRight", 0, -1.0),
        ("eyeLookUpLeft", 1, 1.0),
        ("eyeLookUpRight", 1, 1.0),
        ("eyeLookDownLeft", 1, -1.0),
        ("eyeLookDownRight", 1, -1.0),
    )
)


def look_values(gaze_rad: Tensor) -> Tensor:
    """Eye-look values [..., 8] in the order of LOOK_CHANNELS for gaze [..., 2]."""
    signed = {1.0: gaze_rad, -1.0: -gaze_rad}
    values = [signed[sign][..., axis : axis + 1] for _, axis, sign in LOOK_CHANNELS]
    return (torch.cat(values, dim=-1) / EYE_RANGE_RAD).clamp(0.0, 1.0)


def eye_rotation(gaze_rad: Tensor) -> Tensor:
    """Rotation [..., 4] xyzw that turns an eye from straight ahead (+z) to `gaze_rad` [..., 2]."""
    half = 0.5 * gaze_rad
    (sin_yaw, sin_pitch), (cos_yaw, cos_pitch) = half.sin().split(1, -1), half.cos().split(1, -1)
    # yaw about +y after pitch about -x
    return torch.cat(
        (-cos_yaw * sin_pitch, sin_yaw * cos_pitch, sin_yaw * sin_pitch, cos_yaw * cos_pitch),
        dim=-1,
    )
