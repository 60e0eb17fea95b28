"""Beat consistency (BC): how near the beats of the body fall to the onsets of speech.

    BC = mean over 13 upper-body joints of mean over onsets a of exp(-d(a)^2 / (2 sigma^2))

with d the time from onset a to the joint's nearest beat and sigma = 0.3 s; 0..1, no unit. A beat is
a minimum of the joint's speed among the 7 frames on either side, where it still moves at a tenth of
its typical speed or more; a joint without beats counts 0. The first and last 2 s are left out.
Recordings weigh by length. It is directed from sound to motion, so any more beats raise it, jitter
included; therefore it always comes with its value by chance: the same beats against the onsets of
the same recording, moved round by 1/8 to 7/8 of its length.
Source: Liu et al., "EMAGE", CVPR 2024, as its evaluation code computes it (positions by forward
kinematics without walking, thresholds and all). Ours differs in three things: the skeleton; typical
speeds are those of the real motion given; speeds at minima are read where the minima are, not 2 s
earlier. So our values cannot be compared with other tables.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.signal import argrelextrema

from umo_runtime.evaluation.body_space import turning_in_place
from umo_runtime.evaluation.onsets import onset_times_s
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

_JOINTS = [
    BONE_INDEX[name]
    for name in (
        *("Spine", "Chest", "UpperChest", "Neck", "Head"),
        *("LeftShoulder", "LeftUpperArm", "LeftLowerArm", "LeftHand"),
        *("RightShoulder", "RightUpperArm", "RightLowerArm", "RightHand"),
    )
]
_SIGMA_S = 0.3
_EDGE_S = 2.0
_NEIGHBOURS = 7
_MOVING_SHARE = 0.1
_NUM_SHIFTS = 8

_Times = npt.NDArray[np.float64]


def typical_speeds(real: Sequence[Performance]) -> FloatArray:
    """Mean speed of the 13 joints in real motion, [13] m/s."""
    speeds = np.concatenate([_speeds(each) for each in real])
    return np.asarray(speeds.mean(axis=0, dtype=np.float64), np.float32)


def beat_consistency(performances: Sequence[Performance], typical: FloatArray) -> dict[str, float]:
    """BC of recordings with their speech, and what chance gives.

    Args:
        performances: with speech, longer than 4 s; others are passed over.
        typical: what `typical_speeds` found in real motion, [13] m/s.

    Returns:
        `beat_consistency` and `beat_consistency_chance`; NaN without any onset.
    """
    rows = []
    for each in performances:
        onsets, beats = _inner_onsets(each), motion_beats_s(each, typical)
        length_s = len(each.rotations) / each.fps - 2 * _EDGE_S
        if length_s <= 0 or not len(onsets):
            continue
        turned = [(onsets + length_s * n / _NUM_SHIFTS) % length_s for n in range(_NUM_SHIFTS)]
        found, *chance = (_consistency(moved, beats) for moved in turned)
        rows.append((found, float(np.mean(chance)), length_s))
    if not rows:
        return dict.fromkeys(("beat_consistency", "beat_consistency_chance"), float("nan"))
    found, by_chance, weight = np.array(rows).T
    return {
        "beat_consistency": float(np.average(found, weights=weight)),
        "beat_consistency_chance": float(np.average(by_chance, weights=weight)),
    }


def motion_beats_s(performance: Performance, typical: FloatArray) -> list[_Times]:
    """Beats of each of the 13 joints in seconds since the end of the first 2 s."""
    edge = round(_EDGE_S * performance.fps)
    speeds = (_speeds(performance) / np.maximum(typical, 1e-6))[edge:-edge]
    beats = []
    for speed in speeds.T:
        (lowest,) = argrelextrema(speed, np.less, order=_NEIGHBOURS)
        beats.append(lowest[speed[lowest] > _MOVING_SHARE] / performance.fps)
    return beats


def _inner_onsets(performance: Performance) -> _Times:
    """Onsets in seconds since the end of the first 2 s."""
    edge = round(_EDGE_S * SAMPLE_RATE_HZ)
    return onset_times_s(performance.samples[edge:-edge])


def _consistency(onsets: _Times, beats: Sequence[_Times]) -> float:
    scores = [
        np.exp(-(np.abs(onsets[:, None] - own).min(axis=1) ** 2) / (2 * _SIGMA_S**2)).mean()
        if len(own)
        else 0.0
        for own in beats
    ]
    return float(np.mean(scores))


def _speeds(performance: Performance) -> FloatArray:
    """Central-difference speeds of the 13 joints, [T, 13] m/s."""
    positions = turning_in_place(performance.rotations)[:, _JOINTS]
    velocities = np.gradient(positions, axis=0) * performance.fps
    return np.asarray(np.linalg.norm(velocities, axis=-1), np.float32)
