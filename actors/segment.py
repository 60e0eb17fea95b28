"""A segment: one thing that a character says, from its first sample to its end."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine_bridge.wire_messages import SampleFormat
from umo_runtime.audio.resampling import StreamResampler
from umo_runtime.errors import ServiceError
from umo_runtime.tokenizer.text import told_frame
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray

_DTYPES: dict[SampleFormat, str] = {"s16": "<i2", "f32": "<f4"}
_LETTERS_PER_S = 15.0  # of fluent English, the space behind a word counted


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
    _resampler: StreamResampler = field(init=False)

    def __post_init__(self) -> None:
        self._resampler = StreamResampler(self.rate_hz)

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
        self._keep(self._resampler.push(samples.clip(-1, 1)))

    def complete(self) -> None:
        """No more audio will come."""
        if not self.is_complete:
            self._keep(self._resampler.flush())
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

    def take_words(self, begin: int, end: int) -> list[tuple[int, tuple[int, ...]]]:
        """Words that are told before sample `end` of the stream: where, and their tokens.

        Args:
            begin: sample of the stream at which the segment begins.
            end: sample of the stream.
        """
        told = []
        while self._words and (place := _told_sample(begin + self._words[0][0])) < end:
            told.append((place, self._words.popleft()[1]))
        return told

    def _keep(self, samples: FloatArray) -> None:
        if len(samples):
            self._parts.append(samples)
            self.num_waiting += len(samples)


def _told_sample(start: int) -> int:
    """Where to tell a word that is spoken from sample `start` of the stream on."""
    frame = told_frame(start * FRAME_RATE_HZ // SAMPLE_RATE_HZ)
    return -(-frame * SAMPLE_RATE_HZ // FRAME_RATE_HZ)
