"""Where a character stood in another place: what a client may hand over of it."""

import numpy as np

from engine_bridge.frame_check import is_sound
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import MOST_AHEAD_S, MOST_SHOWN, Stand
from umo_runtime.errors import ServiceError
from umo_runtime.types import MotionFrame

_FARTHEST_M = 100.0  # the hips, from the origin
_ROUNDING = 1e-3  # by which a blendshape may be out of 0..1


def stance(told: Stand) -> MotionFrame:
    """The pose of a message.

    Raises:
        WireError: the payload has another length than a pose.
        ServiceError: it is no pose, or the other fields are out of their ranges.
    """
    if told.shown > MOST_SHOWN:
        raise ServiceError("value", f"shown is {told.shown}; give 0 to {MOST_SHOWN} frames")
    if not 0 <= told.ahead_s <= MOST_AHEAD_S:
        raise ServiceError("value", f"ahead_s is {told.ahead_s:g}; give 0 to {MOST_AHEAD_S:g}")
    rotations, hips, face = frame_values(told)
    pose = MotionFrame(told.stream, 0, 0.0, rotations, hips, face, 0.0)
    if not is_sound(pose):
        raise ServiceError("payload", "the pose is not finite, or its rotations not of unit length")
    if np.abs(hips).max() > _FARTHEST_M or np.abs(face - 0.5).max() > 0.5 + _ROUNDING:
        raise ServiceError(
            "payload", f"the pose is out of range; hips within {_FARTHEST_M:g} m, blendshapes 0..1"
        )
    return pose
