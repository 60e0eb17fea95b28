"""A clock that runs while someone speaks and stands still while they pause."""

import numpy as np
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from umo_runtime.training.corpora.utterance import BoolArray, FloatArray
from umo_runtime.types import FRAME_RATE_HZ

_PAUSE_FRAMES = 9  # 0.3 s: shorter silences are stop closures and breaths inside a phrase
_RETRACT_PAUSE_FRAMES = 36  # 1.2 s: after longer ones the hands go back
_SOFT_FRAMES = 1.5  # how softly the clock stops and starts
_EARLY_FRAMES = 2  # it slows down inside the speech, so that pauses are still from their beginning


def runs(mask: BoolArray) -> list[tuple[int, int]]:
    """Stretches of True as (first frame, frame after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


class SpeechClock:
    """Speech time of each frame, and where the long pauses are.

    Args:
        activity: whether someone speaks, [T] at 30 fps.

    Attributes:
        elapsed_s: seconds of speech up to each frame, [T].
        is_pause: frames of pauses of 0.3 s and more, [T].
        long_pauses: (first frame, frame after the last) of those of 1.2 s and more, after speech.
    """

    def __init__(self, activity: BoolArray) -> None:
        pauses = [
            (start, stop)
            for start, stop in runs(~activity)
            if stop - start >= _PAUSE_FRAMES or start == 0 or stop == len(activity)
        ]
        self.is_pause = np.zeros(len(activity), np.bool_)
        for start, stop in pauses:
            self.is_pause[start:stop] = True
        is_running = minimum_filter1d(~self.is_pause, 2 * _EARLY_FRAMES + 1)
        speed = gaussian_filter1d(is_running.astype(np.float32), _SOFT_FRAMES)
        elapsed: FloatArray = np.cumsum(speed, dtype=np.float32) / np.float32(FRAME_RATE_HZ)
        self.elapsed_s = elapsed
        self._frame_s = np.arange(len(activity)) / FRAME_RATE_HZ
        self.long_pauses = [
            (start, stop)
            for start, stop in pauses
            if start > 0 and stop - start >= _RETRACT_PAUSE_FRAMES
        ]

    def at(self, time_s: float) -> float:
        """Speech time at a real time."""
        return float(np.interp(time_s, self._frame_s, self.elapsed_s))


def smooth_activity(activity: BoolArray) -> FloatArray:
    """How much someone speaks around each frame, [T] in 0..1, for slow changes of liveliness."""
    return np.asarray(gaussian_filter1d(activity.astype(np.float32), 8 * _SOFT_FRAMES), np.float32)
