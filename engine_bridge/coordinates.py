"""From our right-handed space to Unity's left-handed one, by mirroring x.

Both have y up and the character facing +z; its left is +x here and -x in Unity. Mirroring one axis
negates that coordinate of a position and the two *other* components of a rotation's axis.
"""

import numpy as np

from umo_runtime.types import FloatArray

UNITY_POSITION_SIGNS: FloatArray = np.array([-1, 1, 1], np.float32)
UNITY_ROTATION_SIGNS: FloatArray = np.array([1, -1, -1, 1], np.float32)


def to_unity_position(position_m: FloatArray) -> FloatArray:
    """Mirror positions [..., 3] in metres."""
    return position_m * UNITY_POSITION_SIGNS


def to_unity_rotation(rotation: FloatArray) -> FloatArray:
    """Mirror rotations [..., 4] xyzw."""
    return rotation * UNITY_ROTATION_SIGNS
