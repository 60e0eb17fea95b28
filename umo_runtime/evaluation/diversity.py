"""L1 diversity: how far joints stray from their mean place.

    L1Div = 1 / T  sum over frames t, joints j, axes c of |x_tjc - mean_t x_jc|

in metres, summed over 55 joints and 3 axes, hips at the origin, mean over a recording.
Source: Liu et al., "EMAGE", CVPR 2024 (there with the joints of SMPL-X).

That mean makes it grow with the length of a recording, and pauses make it fall. Clips of two
seconds of pure gesture and minutes of speech with pauses are compared fairly by
`gesture_diversity_m`: the same sum, seen from unturned hips, in windows of 1.5 s, each about its
own mean, of which at least 3/4 lie in speech.
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.body_space import seen_from_hips, turning_in_place
from umo_runtime.evaluation.performance import Performance
from umo_runtime.types import FloatArray

_WINDOW_S, _HOP_S = 1.5, 0.5
_SPOKEN_SHARE = 0.75


def l1_diversity_m(performances: Sequence[Performance]) -> float:
    """The published definition: every recording about its own mean, frames pooled."""
    strays = [_stray(turning_in_place(each.rotations)) for each in performances]
    return float(np.concatenate(strays).mean())


def gesture_diversity_m(performances: Sequence[Performance]) -> float:
    """Windows of 1.5 s in speech, each about its own mean; NaN where there is none."""
    strays = [_stray(window).mean() for each in performances for window in _windows(each)]
    return float(np.mean(strays)) if strays else float("nan")


def _windows(performance: Performance) -> list[FloatArray]:
    positions, is_spoken = seen_from_hips(performance.rotations), ~performance.is_silent()
    length, hop = round(_WINDOW_S * performance.fps), round(_HOP_S * performance.fps)
    starts = range(0, len(positions) - length + 1, hop)
    return [
        positions[start : start + length]
        for start in starts
        if is_spoken[start : start + length].mean() >= _SPOKEN_SHARE
    ]


def _stray(positions: FloatArray) -> FloatArray:
    """Summed distances from the mean place, [T] m, of positions [T, J, 3]."""
    mean = positions.mean(axis=0, dtype=np.float64)
    return np.asarray(np.abs(positions - mean).sum(axis=(1, 2)), np.float32)
