"""Where speech enters the graph: a file in 20 ms chunks, at once or at the pace of real time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from umo_runtime.audio.speech_file import SpeechReader
from umo_runtime.clock import Clock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.types import SAMPLE_RATE_HZ, AudioChunk, FloatArray

CHUNK_SAMPLES = 320
CHUNK_S = CHUNK_SAMPLES / SAMPLE_RATE_HZ


class AudioSource(Protocol):
    """The speech of one stream; iterating it may block until more is captured."""

    @property
    def stream(self) -> str:
        """Which avatar speaks."""
        ...

    def __iter__(self) -> Iterator[AudioChunk]:
        """Yield the chunks in order, without gaps; the last has `is_last` set."""
        ...


class FileSource:
    """A speech file as a source.

    Args:
        path: any file `SpeechReader` reads.
        clock: dates the chunks.
        stream: which avatar speaks.
        start_s: clock time of the first sample. A chunk is then held back until its last sample
            would have been spoken, by absolute deadlines, and dated with that deadline, so that a
            late wake-up counts as latency. None: as fast as the reader takes them.
        chunk_samples: samples of a chunk at 16 kHz.
        controls: what the character is told, and from when: (time in s, controls), in order. A
            chunk ends where they change. Neutral before the first.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        stream: str = "main",
        start_s: float | None = None,
        chunk_samples: int = CHUNK_SAMPLES,
        controls: Sequence[tuple[float, Controls]] = (),
    ) -> None:
        self._path = path
        self._clock = clock
        self._stream = stream
        self._start_s = start_s
        self._chunk_samples = chunk_samples
        self._changes = [round(time_s * SAMPLE_RATE_HZ) for time_s, _ in controls]
        self._controls = [NEUTRAL, *(told for _, told in controls)]
        self._num_samples = 0

    @property
    def stream(self) -> str:
        """Which avatar speaks."""
        return self._stream

    @property
    def audio_s(self) -> float:
        """Seconds of speech handed out by the latest iteration."""
        return self._num_samples / SAMPLE_RATE_HZ

    def __iter__(self) -> Iterator[AudioChunk]:
        """Open the file and yield its chunks.

        Raises:
            AudioError: the file cannot be used.
        """
        self._num_samples = 0
        with SpeechReader(self._path) as reader:
            parts = self._parts(reader)
            ahead: tuple[int, FloatArray] | None = next(parts)
            while ahead is not None:
                (start, samples), ahead = ahead, next(parts, None)
                self._num_samples = start + len(samples)
                controls = self._controls[bisect_right(self._changes, start)]
                captured_s = self._wait()
                yield AudioChunk(self._stream, start, samples, captured_s, ahead is None, controls)

    def _parts(self, reader: SpeechReader) -> Iterator[tuple[int, FloatArray]]:
        """Blocks of samples, cut where the controls change, each with its first sample's index."""
        start = 0
        for block in reader.blocks(self._chunk_samples):
            places = {change - start for change in self._changes}
            inside = sorted(place for place in places if 0 < place < len(block))
            for part in np.split(block, inside):
                yield start, part
                start += len(part)

    def _wait(self) -> float:
        """Wait until the samples handed out so far were spoken; return that time."""
        if self._start_s is None:
            return self._clock.now_s()
        deadline_s = self._start_s + self.audio_s
        self._clock.wait_until(deadline_s)
        return deadline_s
