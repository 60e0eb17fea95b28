"""Live sound of any rate to 16 kHz, piece by piece, with next to no delay.

A windowed-sinc interpolator (J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/
resample): output n lies at input position n * rate / 16000 and is a weighted sum of its neighbours.
It waits 1.25 ms for the later half of them. Files use soxr instead, which is better above 7 kHz
but, as measured, holds a stream back by 22 ms on average and 40 ms at worst.
"""

import math
from functools import lru_cache

import numpy as np

from umo_runtime.errors import AudioError
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

MIN_RATE_HZ, MAX_RATE_HZ = 4_000, 768_000
_ZERO_CROSSINGS = 20  # on either side: transition 7 to 9 kHz
_KAISER_BETA = 8.0  # 80 dB down beyond it
_FEW_PHASES = 4  # 8, 12, 24, 32, 48, 96 kHz: a filter at a time is twice as fast
_PIECE = 256  # samples made at once at other rates; more take fresh memory and twice as long
_MOST_WEIGHTS = 1 << 15  # a rate with more phases takes the one before: 60 dB down


class StreamResampler:
    """Turns one stream's samples, in pushes of any length, into samples at 16 kHz.

    Args:
        rate_hz: rate of what comes in.

    Raises:
        AudioError: the rate is not that of a sound device.
    """

    def __init__(self, rate_hz: int) -> None:
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise AudioError(
                f"a sample rate of {rate_hz} Hz cannot be used; set the device to 48000 Hz"
            )
        common = math.gcd(rate_hz, SAMPLE_RATE_HZ)
        self._step, self._phases = rate_hz // common, SAMPLE_RATE_HZ // common
        self._filters = _filters(rate_hz, self._phases)
        self._num_taps: int = self._filters.shape[1]
        self._held = np.zeros(self._num_taps // 2 - 1, np.float32)
        self._position = 0  # of the next output, in input samples / phases, from the held start

    def num_completed(self, count: int) -> int:
        """How many samples `push` would return for `count` more."""
        if self._step == self._phases:
            return count
        starts = len(self._held) + count - self._num_taps + 1  # that have all their neighbours
        return max(0, -(-(starts * self._phases - self._position) // self._step))

    def push(self, samples: FloatArray) -> FloatArray:
        """Take samples [N], N >= 0, and return the 16 kHz samples that they complete."""
        if self._step == self._phases:
            return samples
        count = self.num_completed(len(samples))
        self._held = np.concatenate((self._held, samples))
        made = self._next(count)
        self._position += self._step * count
        done = min(self._position // self._phases, len(self._held))
        self._held = self._held[done:]
        self._position -= done * self._phases
        return made

    def flush(self) -> FloatArray:
        """Return the samples that wait for neighbours, as if silence followed; the stream ends."""
        if self._step == self._phases:
            return np.zeros(0, np.float32)
        return self.push(np.zeros(self._num_taps // 2, np.float32))

    def _next(self, count: int) -> FloatArray:
        """The next samples, [count]."""
        step, phases, num_taps = self._step, self._phases, self._num_taps
        shape = (max(0, len(self._held) - num_taps + 1), num_taps)
        windows = np.ndarray(shape, np.float32, self._held, strides=2 * self._held.strides)
        made = np.empty(count, np.float32)
        if phases <= _FEW_PHASES:
            for first in range(min(count, phases)):
                start, phase = divmod(self._position + step * first, phases)
                np.vecdot(windows[start::step], self._filters[phase], out=made[first::phases])
            return made
        for first in range(0, count, _PIECE):
            piece = made[first : first + _PIECE]
            positions = self._position + step * np.arange(first, first + len(piece))
            starts, at = np.divmod(positions, phases)
            np.vecdot(windows[starts], self._filters[at * len(self._filters) // phases], out=piece)
        return made


@lru_cache(maxsize=32)
def _filters(rate_hz: int, phases: int) -> FloatArray:
    """Weights [P, 2 * half] of the neighbours of a position `p / P` past a sample, p in 0..P-1.

    P is `phases`, or fewer where there would be too many weights.
    """
    half = math.ceil(_ZERO_CROSSINGS * max(1.0, rate_hz / SAMPLE_RATE_HZ))
    phases = min(phases, _MOST_WEIGHTS // (2 * half))
    cutoff = min(1.0, SAMPLE_RATE_HZ / rate_hz)
    offsets = np.arange(1 - half, half + 1) - np.arange(phases)[:, None] / phases
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0, 1 - (offsets / half) ** 2)))
    weights = np.sinc(cutoff * offsets) * window
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
