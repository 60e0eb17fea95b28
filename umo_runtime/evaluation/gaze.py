"""Gaze: who is looked at, and how the eyes jump.

The listener stands straight ahead (+z). Speakers look at them about 41 % of the time, listeners
75 %. Eyes rarely turn beyond 30 degrees: the head follows.
Sources: M. Argyle and M. Cook, "Gaze and Mutual Gaze", 1976 (shares); S. Lee, J. Badler and
N. Badler, "Eyes alive", SIGGRAPH 2002 (jumps).
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, forward_kinematics, rotate
from umo_runtime.types import FloatArray

_EYE = BONE_INDEX["LeftEye"]
_AHEAD = np.array((0, 0, 1), np.float32)
_ON_LISTENER_DEG = 10.0  # a face and its surroundings at two metres
_JUMP_DEG_PER_S = 40.0  # slower turns are drift or pursuit


def gaze_figures(performances: Sequence[Performance]) -> dict[str, float]:
    """Figures of the left eye bone, all recordings together.

    - `on_listener`: share of frames in which the eye's axis in the world is within 10 degrees of
      straight ahead, %.
    - `saccades_per_minute`: turns of the eye in the head faster than 40 degrees/s, per minute.
    - `saccade_deg`: their median size, degrees.
    - `eye_turn_deg`: 99th percentile of the eye's turn from its rest in the head, degrees.
    """
    ahead, sizes, turns, minutes = [], [], [], 0.0
    for performance in performances:
        _, world = forward_kinematics(performance.rotations, performance.root_position)
        ahead.append(_angle_deg(_axis(world[:, _EYE]), _AHEAD) < _ON_LISTENER_DEG)
        in_head = _axis(performance.rotations[:, _EYE])
        turns.append(_angle_deg(in_head, _AHEAD))
        sizes += _jumps_deg(in_head, performance.fps)
        minutes += len(in_head) / performance.fps / 60
    return {
        "on_listener": 100 * float(np.concatenate(ahead).mean()),
        "saccades_per_minute": len(sizes) / minutes,
        "saccade_deg": float(np.median(sizes)) if sizes else float("nan"),
        "eye_turn_deg": float(np.quantile(np.concatenate(turns), 0.99)),
    }


def _axis(rotations: FloatArray) -> FloatArray:
    """Where eyes of rotations [T, 4] look, unit vectors [T, 3]."""
    return rotate(rotations, np.broadcast_to(_AHEAD, (len(rotations), 3)))


def _jumps_deg(axis: FloatArray, fps: float) -> list[float]:
    """Sizes of the runs of fast turning in gaze directions [T, 3]."""
    fast = _angle_deg(axis[1:], axis[:-1]) * fps > _JUMP_DEG_PER_S
    edges = np.flatnonzero(np.diff(fast.astype(np.int8), prepend=0, append=0))
    return [
        float(_angle_deg(axis[start], axis[end]))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _angle_deg(a: FloatArray, b: FloatArray) -> FloatArray:
    """Angle between unit vectors [..., 3], accurate for small ones."""
    chord, bisector = np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1)
    return np.asarray(np.degrees(2 * np.arctan2(chord, bisector)), np.float32)
