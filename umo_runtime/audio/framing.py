"""Cuts a stream of samples into the mel windows of motion frames.

Mel window m holds the 400 samples (25 ms) that end at sample round((m + 1) * 16000 / 120). Frame f
takes the four windows 4f + 3 .. 4f + 6, so it uses audio up to `LOOK_AHEAD_S` past its own time.
Frame -1 comes first: it warms the tokenizer up. Samples before the start and after the end are 0.
"""

from dataclasses import dataclass

import numpy as np

from umo_runtime.types import (
    FRAME_RATE_HZ,
    LOOK_AHEAD_S,
    MEL_PER_FRAME,
    SAMPLE_RATE_HZ,
    WINDOW_SAMPLES,
    FloatArray,
    IntArray,
)

WARM_UP_FRAME = -1
_MEL_RATE_HZ = FRAME_RATE_HZ * MEL_PER_FRAME
_LOOK_AHEAD_MEL = round(LOOK_AHEAD_S * _MEL_RATE_HZ)
_NO_WINDOWS: FloatArray = np.zeros((0, MEL_PER_FRAME, WINDOW_SAMPLES), np.float32)


def num_frames(num_samples: int) -> int:
    """Count the motion frames whose time lies inside `num_samples` samples of speech."""
    return -(-num_samples * FRAME_RATE_HZ // SAMPLE_RATE_HZ)


def samples_needed(frame: int) -> int:
    """Return how many samples must have arrived before `frame` can be tokenized."""
    mel_windows = MEL_PER_FRAME * frame + _LOOK_AHEAD_MEL
    return (2 * mel_windows * SAMPLE_RATE_HZ + _MEL_RATE_HZ) // (2 * _MEL_RATE_HZ)


@dataclass(frozen=True, slots=True)
class FrameWindows:
    """Raw windows of consecutive frames.

    Attributes:
        first_frame: index of the first frame, -1 for the warm-up.
        windows: [n, 4, 400] float32, n >= 0 frames.
    """

    first_frame: int
    windows: FloatArray


class SpeechFramer:
    """Turns one stream's samples, in pushes of any length, into windows. One thread at a time."""

    def __init__(self) -> None:
        self._held = np.zeros(WINDOW_SAMPLES, np.float32)
        self._held_start = -WINDOW_SAMPLES
        self._next_frame = WARM_UP_FRAME

    @property
    def num_samples(self) -> int:
        """Samples pushed so far; the index of the next one."""
        return self._held_start + len(self._held)

    @property
    def next_frame(self) -> int:
        """Index of the next frame to come out."""
        return self._next_frame

    def push(self, samples: FloatArray) -> FrameWindows:
        """Take samples [N], N >= 0, and return the frames that they complete."""
        self._held = np.concatenate((self._held, samples))
        end = self._next_frame
        while samples_needed(end) <= self.num_samples:
            end += 1
        return self._take(end)

    def flush(self) -> FrameWindows:
        """Return the frames still open at the end of the stream, padded with zeros.

        All frames with a time before the end have come out then. Of a stream without a single
        sample there are none, not even the warm-up.
        """
        end = num_frames(self.num_samples)
        if end == 0:
            return self._take(self._next_frame)
        padding = max(0, samples_needed(end - 1) - self.num_samples)
        self._held = np.concatenate((self._held, np.zeros(padding, np.float32)))
        return self._take(end)

    def _take(self, end: int) -> FrameWindows:
        """Cut the windows of the frames before `end` and let go of samples nobody needs."""
        if end == self._next_frame:  # most pushes complete none
            return FrameWindows(end, _NO_WINDOWS)
        frames = np.arange(self._next_frame, end)
        starts = window_ends(frames) - WINDOW_SAMPLES - self._held_start
        windows = self._held[starts[..., None] + np.arange(WINDOW_SAMPLES)]
        taken = FrameWindows(self._next_frame, windows)
        self._next_frame = end
        oldest = int(window_ends(np.array(end))[0]) - WINDOW_SAMPLES
        self._held = self._held[oldest - self._held_start :]
        self._held_start = oldest
        return taken


def window_ends(frames: IntArray) -> IntArray:
    """End samples [..., 4] of the mel windows of frames [...]."""
    mel = MEL_PER_FRAME * frames[..., None] + np.arange(MEL_PER_FRAME)
    mel_windows = mel + _LOOK_AHEAD_MEL - MEL_PER_FRAME + 1
    ends = (2 * mel_windows * SAMPLE_RATE_HZ + _MEL_RATE_HZ) // (2 * _MEL_RATE_HZ)
    return np.asarray(ends, np.int64)
