"""The course of a single unhurried movement.

Source: T. Flash and N. Hogan, "The coordination of arm movements: an experimentally confirmed
mathematical model", Journal of Neuroscience 1985.
"""

import numpy as np
import numpy.typing as npt

from umo_runtime.training.corpora.utterance import FloatArray
from umo_runtime.types import FRAME_RATE_HZ

_Values = npt.NDArray[np.floating]

PEAK_SPEED = 1.875  # of a move, over its mean speed


def min_jerk(phase: _Values) -> FloatArray:
    """The minimum-jerk course 0..1 of a move, for phase clipped to 0..1."""
    x = phase.clip(0, 1)
    return np.asarray(x * x * x * (10 - 15 * x + 6 * x * x), np.float32)


def postures(
    num_frames: int, onsets_s: _Values, durations_s: _Values, targets: _Values
) -> FloatArray:
    """Rest in one posture after another.

    Args:
        num_frames: T.
        onsets_s: when each move begins, [N] rising.
        durations_s: how long each takes, [N].
        targets: the posture before the first move and after each, [N + 1, W].

    Returns:
        [T, W].
    """
    time_s = np.arange(num_frames, dtype=np.float32)[:, None] / FRAME_RATE_HZ
    done = min_jerk((time_s - onsets_s) / durations_s)
    return np.asarray(targets[0] + done @ np.diff(targets, axis=0), np.float32)


def onsets(num_frames: int, between_s: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    """Times [N] within T frames, each after the one before by a uniformly drawn time."""
    duration_s = num_frames / FRAME_RATE_HZ
    gaps = rng.uniform(*between_s, int(duration_s / between_s[0]) + 1)
    gaps[0] *= rng.uniform()  # the performance begins somewhere in a longer one
    times = np.cumsum(gaps)
    return np.asarray(times[times < duration_s], np.float32)
