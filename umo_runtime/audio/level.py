"""Loudness of blocks of 10 ms, the beat in which voice activity, gate and gain decide."""

import math

import numpy as np

from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

LEVEL_SAMPLES = 160
LEVEL_RATE_HZ = SAMPLE_RATE_HZ // LEVEL_SAMPLES
SILENCE_DB = -120.0  # what digital silence measures


def level_db(samples: FloatArray) -> float:
    """Root mean square of samples [N] in decibels of full scale, at least `SILENCE_DB`."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return 10 * math.log10(max(power, 10 ** (SILENCE_DB / 10)))
