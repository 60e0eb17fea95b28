"""Sounds to listen to."""

from importlib import resources
from pathlib import Path

import numpy as np

from umo_runtime.audio.speech_file import read_speech
from umo_runtime.types import FloatArray


def sample_speech() -> FloatArray:
    """The shipped speech sample, [N] at 16 kHz, -20 dB while speaking."""
    folder = Path(str(resources.files("umo_runtime")))
    return read_speech(folder / "cli" / "demo" / "sample.ogg").samples


def noise(seconds: float, level_db: float, seed: int = 0) -> FloatArray:
    """White noise [N] of a loudness."""
    samples = np.random.default_rng(seed).standard_normal(round(16_000 * seconds))
    return (samples * 10 ** (level_db / 20)).astype(np.float32)
