"""Where the eyes look, in VRM 1.0's terms.

Source: VRM Consortium, "VRMC_vrm-1.0", lookAt.md.
"""

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M
from umo_runtime.types import FloatArray

EYES = (BONE_INDEX["LeftEye"], BONE_INDEX["RightEye"])
GAZE_ORIGIN_M: FloatArray = REST_OFFSETS_M[list(EYES)].mean(axis=0)  # from the head, [3]


def gaze(rotations: FloatArray) -> FloatArray:
    """Where both eyes look, against the head, [T, 4] xyzw: half way between them.

    Args:
        rotations: of all bones, [T, 55, 4].
    """
    left, right = (rotations[:, eye] for eye in EYES)
    is_far = (left * right).sum(axis=-1, keepdims=True) < 0
    return left + np.where(is_far, -right, right).astype(np.float32)
