"""Two-bone inverse kinematics that keeps both feet where they stand while the hips move.

The knee lies on the circle of points at thigh and shin length from hip and ankle, on the side the
character faces; the law of cosines gives it in closed form.
"""

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M, multiply, rotate
from umo_runtime.training.corpora.rotations import conjugate, normalize
from umo_runtime.training.corpora.utterance import FloatArray

_MAX_REACH = 0.999  # of the leg's length: a fully straight knee would snap


def plant_feet(
    rotations: FloatArray, root_position: FloatArray, ankles_m: FloatArray, foot_turns: FloatArray
) -> FloatArray:
    """Bend the legs so that the feet stay.

    Args:
        rotations: parent-local, [T, 55, 4]; hips are kept, legs and feet replaced.
        root_position: hips in metres, [T, 3].
        ankles_m: where the ankles stay, left then right, [2, 3].
        foot_turns: global rotations of the feet, [2, 4].

    Returns:
        Rotations [T, 55, 4].
    """
    planted = rotations.copy()
    hips_turn = rotations[:, BONE_INDEX["Hips"]]
    for side, ankle, foot_turn in zip(("Left", "Right"), ankles_m, foot_turns, strict=True):
        bones = [BONE_INDEX[f"{side}{part}"] for part in ("UpperLeg", "LowerLeg", "Foot")]
        hip = root_position + rotate(
            hips_turn, np.broadcast_to(REST_OFFSETS_M[bones[0]], root_position.shape)
        )
        forward = rotate(foot_turn, np.array([0, 0, 1], np.float32))
        knee = _knee(hip, ankle, forward, REST_OFFSETS_M[bones[1]], REST_OFFSETS_M[bones[2]])
        thigh = _aim_bone(REST_OFFSETS_M[bones[1]], knee - hip, forward)
        shin = _aim_bone(REST_OFFSETS_M[bones[2]], ankle - knee, forward)
        planted[:, bones[0]] = multiply(conjugate(hips_turn), thigh)
        planted[:, bones[1]] = multiply(conjugate(thigh), shin)
        planted[:, bones[2]] = multiply(conjugate(shin), np.broadcast_to(foot_turn, shin.shape))
    return planted


def excess_reach(
    root_position: FloatArray, hips_turn: FloatArray, ankles_m: FloatArray
) -> FloatArray:
    """How far the hips must sink [T] so that both legs reach their ankles."""
    sink = np.zeros(len(root_position), np.float32)
    for side, ankle in zip(("Left", "Right"), ankles_m, strict=True):
        bones = [BONE_INDEX[f"{side}{part}"] for part in ("UpperLeg", "LowerLeg", "Foot")]
        length = _MAX_REACH * sum(float(np.linalg.norm(REST_OFFSETS_M[bone])) for bone in bones[1:])
        hip = root_position + rotate(
            hips_turn, np.broadcast_to(REST_OFFSETS_M[bones[0]], root_position.shape)
        )
        apart = hip - ankle
        height = np.sqrt(np.maximum(length**2 - apart[:, 0] ** 2 - apart[:, 2] ** 2, 0))
        sink = np.maximum(sink, apart[:, 1] - height)
    return sink


def _knee(
    hip: FloatArray, ankle: FloatArray, forward: FloatArray, thigh: FloatArray, shin: FloatArray
) -> FloatArray:
    """Knee positions [T, 3]."""
    l_thigh, l_shin = float(np.linalg.norm(thigh)), float(np.linalg.norm(shin))
    reach = ankle - hip
    distance = np.linalg.norm(reach, axis=-1, keepdims=True).clip(
        None, _MAX_REACH * (l_thigh + l_shin)
    )
    along = normalize(reach)
    outward = normalize(forward - (along @ forward)[:, None] * along)
    middle = (l_thigh**2 - l_shin**2 + distance**2) / (2 * distance)
    bend = np.sqrt(np.maximum(l_thigh**2 - middle**2, 0))
    return np.asarray(hip + along * middle + outward * bend, np.float32)


def _aim_bone(rest: FloatArray, direction: FloatArray, forward: FloatArray) -> FloatArray:
    """Global turns [T, 4] that take the bone's rest offset to `direction`, its front to `forward`.

    Two swings: forward's yaw first, then the shortest arc, which keeps the knee cap in front.
    """
    yaw = np.arctan2(forward[0], forward[2]) / 2
    heading = np.array([0, np.sin(yaw), 0, np.cos(yaw)], np.float32)
    start = normalize(rotate(heading, rest))
    end = normalize(direction)
    axis = np.cross(np.broadcast_to(start, end.shape), end)
    swing = normalize(np.concatenate((axis, 1 + (end @ start)[:, None]), axis=-1))
    return multiply(swing, np.broadcast_to(heading, swing.shape))
