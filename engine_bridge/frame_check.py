"""Which frames may leave: the right shapes, finite, rotations of unit length.

One NaN freezes or explodes a character in every engine, until the scene is reloaded.
"""

import math

import numpy as np

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import MotionFrame

_MAX_NORM_ERROR = 1e-2  # of the squared length; float32 products down the chain stay below 1e-5


def is_sound(frame: MotionFrame) -> bool:
    """Tell whether every number of a frame can be shown by an engine."""
    return _has_shapes(frame) and _has_unit_rotations(frame) and _is_finite(frame)


def _has_shapes(frame: MotionFrame) -> bool:
    return (
        frame.rotations.shape == (NUM_BONES, 4)
        and frame.root_position.shape == (3,)
        and frame.blendshapes.shape == (NUM_BLENDSHAPES,)
    )


def _has_unit_rotations(frame: MotionFrame) -> bool:
    squared = np.einsum("ij,ij->i", frame.rotations, frame.rotations)
    # Written so that NaN, which compares false, fails.
    return bool((np.abs(squared - 1) < _MAX_NORM_ERROR).all())


def _is_finite(frame: MotionFrame) -> bool:
    return bool(
        math.isfinite(frame.time_s)
        and np.isfinite(frame.blendshapes).all()
        and np.isfinite(frame.root_position).all()
    )
