"""A segment: one thing that a character says, from its first sample to its end."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import soxr

from engine_bridge.wire_messages import SampleFormat
from umo_runtime.errors import ServiceError
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

_DTYPES: dict[SampleFormat, str] = {"s16": "<i2", "f32": "<f4"}
_LETTERS_PER_S = 15.0  # of fluent English, the space behind a word counted
_QUALITY = "MQ"  # 13 kHz of 16; the better filters are 10 ms later


@dataclass(slots=True)
class Segment:
    """What has come of a segment and was not fed yet.

    Attributes:
        number: the client's.
        rate_hz: of what the client sends.
        format: of its samples.
        is_complete: no more will come.
        num_fed: samples handed out.
        num_waiting: samples that were not.
    """

    number: int
    rate_hz: int
    format: SampleFormat
    is_complete: bool = False
    num_fed: int = 0
    num_waiting: int = 0
    _parts: deque[FloatArray] = field(default_factory=deque)
    _words: deque[tuple[int, tuple[int, ...]]] = field(default_factory=deque)
    _said_s: float = 0.0
    _resampler: soxr.ResampleStream | None = None

    def push(self, payload: bytes) -> None:
        """Take audio as the client sent it.

        Raises:
            ServiceError: the bytes are no whole samples, or not finite.
        """
        dtype = np.dtype(_DTYPES[self.format])
        if len(payload) % dtype.itemsize:
            raise ServiceError(
                "payload",
                f"{len(payload)} bytes are no whole {self.format} samples; cut between them",
            )
        samples = np.frombuffer(payload, dtype).astype(np.float32)
        if self.format == "s16":
            samples /= 32768
        elif not np.isfinite(samples).all():
            raise ServiceError("payload", "audio holds numbers that are not finite; send -1 to 1")
        self._keep(self._resample(samples.clip(-1, 1), is_last=False))

    def complete(self) -> None:
        """No more audio will come."""
        if not self.is_complete:
            self._keep(self._resample(np.zeros(0, np.float32), is_last=True))
            self.is_complete = True

    def say(self, words: Sequence[tuple[str, tuple[int, ...]]], times_s: Sequence[float]) -> None:
        """Take words with their tokens, at times since the beginning or at the pace of speech."""
        for index, (word, tokens) in enumerate(words):
            time_s = times_s[index] if times_s else self._said_s
            self._words.append((round(time_s * SAMPLE_RATE_HZ), tokens))
            self._said_s = time_s + (len(word) + 1) / _LETTERS_PER_S

    @property
    def num_words(self) -> int:
        """Words that wait for their audio."""
        return len(self._words)

    @property
    def has_audio(self) -> bool:
        """Whether there is something to feed."""
        return bool(self._parts)

    def take(self, most: int) -> FloatArray:
        """Up to so many samples, in order."""
        samples = self._parts.popleft()
        if len(samples) > most:
            self._parts.appendleft(samples[most:])
            samples = samples[:most]
        self.num_fed += len(samples)
        self.num_waiting -= len(samples)
        return samples

    def take_words(self) -> list[tuple[int, tuple[int, ...]]]:
        """Samples of the segment and tokens of the words up to what was fed."""
        told = []
        while self._words and self._words[0][0] < self.num_fed:
            told.append(self._words.popleft())
        return told

    def _keep(self, samples: FloatArray) -> None:
        if len(samples):
            self._parts.append(samples)
            self.num_waiting += len(samples)

    def _resample(self, samples: FloatArray, *, is_last: bool) -> FloatArray:
        if self.rate_hz == SAMPLE_RATE_HZ:
            return samples
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(
                self.rate_hz, SAMPLE_RATE_HZ, 1, "float32", quality=_QUALITY
            )
        return np.asarray(self._resampler.resample_chunk(samples, last=is_last), np.float32)
