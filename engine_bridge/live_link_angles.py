"""Head and eyes as the nine angles of Epic's Live Link Face app, in its packets and its takes.

Radians, in the order yaw, pitch, roll; R = yaw, then pitch, then roll, about axes that turn along.
The head has other signs than the eyes:

- Eyes: yaw to the character's own right, pitch downwards, roll towards its own left shoulder.
- Head: yaw to its own left, pitch upwards, roll towards its own left shoulder.

Source: public takes and packets of the app, and Epic's AppleARKitFaceSupport plugin; see
`docs/wire_protocol.md`.
"""

from functools import reduce

import numpy as np

from engine_bridge.euler import AngleArray, to_yxz
from umo_runtime.skeleton import BONE_INDEX, PARENTS, multiply
from umo_runtime.types import FloatArray

ANGLES: tuple[str, ...] = tuple(
    f"{part}{angle}"
    for part in ("Head", "LeftEye", "RightEye")
    for angle in ("Yaw", "Pitch", "Roll")
)
# Of yaw, pitch, roll, against turns about our y, x, z; a row for every part.
_SIGNS: AngleArray = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, 1.0, -1.0]])
_YAW_PITCH_ROLL = [1, 0, 2]
_EYES = [BONE_INDEX["LeftEye"], BONE_INDEX["RightEye"]]


def live_link_angles_rad(rotations: FloatArray) -> AngleArray:
    """Give the angles of a pose.

    The head turns relative to the hips: the angles are for a body that stands still, so they must
    hold what spine and neck add, but not where the character walks. Eyes turn relative to the head.

    Args:
        rotations: parent-local, in our space, [55, 4] xyzw.

    Returns:
        Radians, [9], in the order of `ANGLES`.
    """
    turns = np.concatenate((_relative_to_hips(rotations, "Head")[None], rotations[_EYES]))
    angles: AngleArray = to_yxz(turns)[:, _YAW_PITCH_ROLL] * _SIGNS
    return angles.ravel()


def _relative_to_hips(rotations: FloatArray, bone: str) -> FloatArray:
    chain: list[FloatArray] = []
    index = BONE_INDEX[bone]
    while PARENTS[index] >= 0:
        chain.append(rotations[index])
        index = PARENTS[index]
    return reduce(multiply, reversed(chain))
