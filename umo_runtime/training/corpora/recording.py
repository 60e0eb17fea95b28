"""Decoding of recorded speech to what the system hears: 16 kHz, mono, float32."""

import io

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from umo_runtime.errors import CorpusError
from umo_runtime.types import SAMPLE_RATE_HZ

FloatArray = npt.NDArray[np.float32]


def decode_recording(data: bytes, name: str) -> FloatArray:
    """Decode a file of any kind that libsndfile reads (WAV, FLAC, Ogg Opus ...).

    Args:
        data: the whole file.
        name: what to call it in an error.

    Returns:
        [N] float32 at 16 kHz, mono.
    """
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise CorpusError(
            f"{name} is not readable audio ({error}); expected WAV, FLAC or Ogg Opus, "
            "download it again"
        ) from error
    mono = samples.mean(axis=1)
    if rate_hz != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ)
    return np.ascontiguousarray(mono, np.float32)
