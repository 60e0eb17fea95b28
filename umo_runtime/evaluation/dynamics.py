"""How abruptly and how fast a body moves: jerk, angular speed, speed of the wrists.

Jerk is |third derivative of position| by finite differences at 30 fps, averaged over the 13 joints
of the upper body seen from the hips, m/s^3. Angular speed is that of bones against their parents,
averaged over upper body and hands, rad/s. Silences longer than 0.3 s are left out: clips of
gestures have none. How often a body rests changes all of these, so they also come over moving
frames alone: those where the faster wrist keeps 0.1 m/s on average over a fifth of a second.
Source: Kucherenko et al., "Analyzing Input and Output Representations for Speech-Driven Gesture
Generation", IVA 2019 (average jerk against that of real motion).
"""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import uniform_filter1d

from umo_runtime.evaluation.body_space import GESTURE_BONES, seen_from_hips
from umo_runtime.evaluation.performance import BoolArray, Performance
from umo_runtime.skeleton import BONE_INDEX, UPPER_BODY_BONES
from umo_runtime.types import FloatArray

_UPPER = list(UPPER_BODY_BONES)
_WRISTS = [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]
_MOVING_M_PER_S = 0.1
_MOVING_OVER_S = 0.2


def dynamics(performances: Sequence[Performance]) -> dict[str, float]:
    """Means over all spoken frames of all recordings, and over the moving ones."""
    columns = [np.concatenate(rows) for rows in zip(*map(_course, performances), strict=True)]
    spoken, moving, jerk, turning, wrists = columns
    is_spoken, is_moving = spoken > 0, (spoken > 0) & (moving > 0)
    return {
        "jerk_m_per_s3": _mean(jerk[is_spoken]),
        "moving_jerk_m_per_s3": _mean(jerk[is_moving]),
        "angular_speed_rad_per_s": _mean(turning[is_spoken]),
        "moving_angular_speed_rad_per_s": _mean(turning[is_moving]),
        "wrist_speed_m_per_s": _mean(wrists[is_spoken]),
        "moving_share": _mean(moving[is_spoken]),
    }


def angular_speed(performance: Performance) -> FloatArray:
    """Turning speed of every bone against its parent between frames, [T - 1, 55] rad/s."""
    q = performance.rotations
    chord = np.linalg.norm(q[1:] - q[:-1], axis=-1)
    chord = np.minimum(chord, np.linalg.norm(q[1:] + q[:-1], axis=-1))
    return np.asarray(4 * np.arcsin(np.clip(chord / 2, 0, 1)) * performance.fps, np.float32)


def _course(performance: Performance) -> tuple[FloatArray, ...]:
    """Per third difference, [T - 3]: is it spoken, does it move, jerk, turning, wrist speed."""
    positions, fps = seen_from_hips(performance.rotations), performance.fps
    middle = slice(1, -1)  # of the [T - 1] steps between frames
    wrists = np.linalg.norm(np.diff(positions[:, _WRISTS], axis=0), axis=-1) * fps
    jerk = np.linalg.norm(np.diff(positions[:, _UPPER], 3, axis=0), axis=-1).mean(axis=1) * fps**3
    turning = angular_speed(performance)[:, list(GESTURE_BONES)].mean(axis=1)
    is_spoken = ~performance.is_silent()[2:-1]
    return (
        is_spoken.astype(np.float32),
        _is_moving(wrists.max(axis=1), fps)[middle].astype(np.float32),
        jerk,
        turning[middle],
        wrists.mean(axis=1)[middle],
    )


def _is_moving(speed: FloatArray, fps: float) -> BoolArray:
    smooth = uniform_filter1d(speed, max(1, round(_MOVING_OVER_S * fps)), mode="nearest")
    return np.asarray(smooth > _MOVING_M_PER_S)


def _mean(values: FloatArray) -> float:
    return float(values.mean(dtype=np.float64)) if len(values) else float("nan")
