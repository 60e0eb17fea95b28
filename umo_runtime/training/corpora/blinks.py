"""When people blink while they talk.

Sources: A. Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Movement
Disorders 1997 (rate, skewed intervals); F. Cummins, "Gaze and blinking in dyadic conversation",
Language and Cognitive Processes 2012 (blinks gather at the ends of phrases).
"""

import numpy as np
import numpy.typing as npt

from umo_runtime.interpolator.blink import BLINK_DURATION_S

FloatArray = npt.NDArray[np.float32]
_Times = npt.NDArray[np.float64]

MIN_INTERVAL_S = 0.8

_MEAN_INTERVAL_S = 60 / 17
_SPREAD = 0.75  # standard deviation of the logarithm of an interval
_ATTRACTION_S = 0.8  # a phrase that ends this near draws a blink to itself ...
_ATTRACTION = 0.6  # ... this often


def blink_times(duration_s: float, phrase_ends_s: _Times, rng: np.random.Generator) -> _Times:
    """Onsets of blinks in 0..duration_s, at least MIN_INTERVAL_S apart.

    Args:
        duration_s: length of the performance.
        phrase_ends_s: when phrases end.
        rng: source of chance.
    """
    count = int(duration_s / MIN_INTERVAL_S) + 2
    scale = (_MEAN_INTERVAL_S - MIN_INTERVAL_S) / np.exp(_SPREAD**2 / 2)
    intervals = MIN_INTERVAL_S + scale * rng.lognormal(0.0, _SPREAD, count)
    # The performance starts at a random moment of a longer run.
    onsets = np.cumsum(intervals) - rng.uniform(0.0, _MEAN_INTERVAL_S)
    drawn = _draw_to(onsets, phrase_ends_s, rng.random(count) < _ATTRACTION)
    kept: list[float] = []
    for onset in np.sort(drawn[(drawn >= 0) & (drawn < duration_s)]).tolist():
        if not kept or onset - kept[-1] >= MIN_INTERVAL_S:
            kept.append(onset)
    return np.array(kept)


def _draw_to(onsets: _Times, ends: _Times, is_drawn: npt.NDArray[np.bool_]) -> _Times:
    if not len(ends):
        return onsets
    nearest = ends[np.abs(onsets[:, None] - ends).argmin(axis=1)]
    is_near = np.abs(onsets - nearest) < _ATTRACTION_S
    return np.where(is_drawn & is_near, nearest, onsets)


def blink_phase(onsets_s: _Times, times: _Times) -> FloatArray:
    """Time since the last blink began over BLINK_DURATION_S, [T], clipped to 1."""
    last = np.searchsorted(onsets_s, times, side="right") - 1
    began = np.concatenate((onsets_s, [-np.inf]))[last]  # index -1: no blink yet
    phase: FloatArray = np.clip((times - began) / BLINK_DURATION_S, 0.0, 1.0).astype(np.float32)
    return phase
