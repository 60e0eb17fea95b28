"""Where the joints of a performance are, in the world and as seen from the hips."""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REGION_BONES,
    UPPER_BODY_BONES,
    Region,
    forward_kinematics,
)
from umo_runtime.types import FloatArray

GESTURE_BONES: tuple[int, ...] = (*UPPER_BODY_BONES, *REGION_BONES[Region.HANDS])
_TRUNK = ("Hips", "Spine", "Chest", "UpperChest")


def in_world(performance: Performance) -> FloatArray:
    """Joint positions in metres, [T, 55, 3]."""
    return forward_kinematics(performance.rotations, performance.root_position)[0]


def turning_in_place(rotations: FloatArray) -> FloatArray:
    """Joint positions [T, 55, 3] in metres with the hips at the origin: nothing walks.

    Args:
        rotations: parent-local, [T, 55, 4] xyzw.
    """
    return forward_kinematics(rotations, np.zeros((len(rotations), 3), np.float32))[0]


def seen_from_hips(rotations: FloatArray) -> FloatArray:
    """The same with unturned hips: neither walking nor turning nor swaying changes them."""
    return turning_in_place(_unturned(rotations, ("Hips",)))


def seen_from_chest(rotations: FloatArray) -> FloatArray:
    """The same with an upright trunk as well: head and arms move, posture does not move them."""
    return turning_in_place(_unturned(rotations, _TRUNK))


def _unturned(rotations: FloatArray, bones: Sequence[str]) -> FloatArray:
    still = rotations.copy()
    still[:, [BONE_INDEX[bone] for bone in bones]] = IDENTITY_ROTATIONS[0]
    return still
