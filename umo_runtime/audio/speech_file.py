"""Reads speech files of any format, rate and channel count as 16 kHz mono.

Decoding and resampling run block by block, so an hour of speech needs no more memory than a second.
"""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
import soxr

from umo_runtime.errors import AudioError
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

_READ_FRAMES = 16_384  # decoded at a time; large enough that the call costs nothing
_FORMATS_HINT = "give a WAV, FLAC, OGG, MP3 or other file that libsndfile reads"


@dataclass(frozen=True, slots=True)
class SpeechFile:
    """A whole speech file in memory.

    Attributes:
        samples: [N] float32, 16 kHz mono, finite, N >= 1.
        sample_rate_hz: rate of the file before resampling.
        duration_s: seconds of speech.
    """

    samples: FloatArray
    sample_rate_hz: int
    duration_s: float


def read_speech(path: Path) -> SpeechFile:
    """Read a whole file.

    Raises:
        AudioError: the file cannot be used; the message says why.
    """
    with SpeechReader(path) as reader:
        samples = np.concatenate(list(reader.blocks(SAMPLE_RATE_HZ)))
        return SpeechFile(samples, reader.sample_rate_hz, len(samples) / SAMPLE_RATE_HZ)


class SpeechReader:
    """An open speech file, read once from start to end. Use as a context manager.

    Args:
        path: the file.

    Raises:
        AudioError: not there, not readable, not audio, or empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _open(path)

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the file before resampling."""
        return int(self._file.samplerate)

    @property
    def duration_s(self) -> float:
        """Length that the header states; compressed files may be off by a few milliseconds."""
        return float(self._file.frames / self._file.samplerate)

    def blocks(self, block_samples: int) -> Iterator[FloatArray]:
        """Yield all samples at 16 kHz in blocks of `block_samples`; the last may be shorter.

        Raises:
            AudioError: a sample is not finite, the data cannot be decoded, or there is none.
        """
        held = np.zeros(0, np.float32)
        count = 0
        for decoded in self._resampled():
            held = np.concatenate((held, decoded))
            whole = len(held) - len(held) % block_samples
            for start in range(0, whole, block_samples):
                yield held[start : start + block_samples]
            held = held[whole:]
            count += whole
        if len(held):
            yield held
        elif count == 0:
            raise AudioError(f"{self._path} holds no audio samples; {_FORMATS_HINT}")

    def _resampled(self) -> Iterator[FloatArray]:
        if self.sample_rate_hz == SAMPLE_RATE_HZ:
            yield from self._mono()
            return
        resampler = soxr.ResampleStream(self.sample_rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        for samples in self._mono():
            yield resampler.resample_chunk(samples)
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)

    def _mono(self) -> Iterator[FloatArray]:
        position = 0
        while len(block := self._decode()):
            finite = np.isfinite(block).all(axis=1)
            if not finite.all():
                time_s = (position + int(finite.argmin())) / self.sample_rate_hz
                raise AudioError(
                    f"{self._path} has a sample that is NaN or infinite at {time_s:.3f} s; "
                    "export the audio again"
                )
            position += len(block)
            yield block.mean(axis=1, dtype=np.float32)

    def _decode(self) -> FloatArray:
        """Return the next samples [n, channels], n = 0 at the end."""
        try:
            block: FloatArray = self._file.read(_READ_FRAMES, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioError(
                f"{self._path} is damaged: {error.error_string} export the audio again"
            ) from error
        return block

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._file.close()


def _open(path: Path) -> soundfile.SoundFile:
    _check_readable(path)
    try:
        return soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: headerless .raw
        raise AudioError(f"{path} is not an audio file; {_FORMATS_HINT}") from error


def _check_readable(path: Path) -> None:
    """Refuse with a plain reason what libsndfile would only call a system error."""
    if path.is_dir():
        raise AudioError(f"{path} is a directory; give one speech file")
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except FileNotFoundError:
        raise AudioError(f"{path} does not exist; check the path") from None
    except OSError as error:
        raise AudioError(f"{path} cannot be read ({error.strerror}); check the path") from error
    if is_empty:
        raise AudioError(f"{path} is empty (0 bytes); give a file that holds speech")
