"""Onsets of sound: where the spectrum suddenly grows.

Spectral flux of a 128-band mel spectrogram in decibels (windows of 128 ms, 32 ms apart); an onset
is a frame whose flux, scaled to 0..1 over the recording, exceeds the mean of the seven frames
around it by 0.07. These are the settings that beat consistency is defined with (librosa 0.11
`onset_detect` at 16 kHz with a hop of 512; with so long a hop its search for local maxima spans a
single frame, so that neighbouring frames may both be onsets).
Source: Böck, Krebs & Schedl, "Evaluating the Online Capabilities of Onset Detection Methods", ISMIR
2012; mel scale after Slaney, "Auditory Toolbox", 1998.
"""

import numpy as np
import numpy.typing as npt

from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

_HOP, _WINDOW = 512, 2048
_NUM_BANDS = 128
_RANGE_DB, _FLOOR = 80.0, 1e-10
_BEFORE, _AFTER = 3, 4  # frames whose mean a peak must exceed: 3 before, itself and 3 after
_EXCESS = 0.07
_HZ_PER_MEL, _LINEAR_UP_TO_HZ, _MEL_PER_NEPER = 200 / 3, 1000.0, 27 / np.log(6.4)
_LINEAR_UP_TO_MEL = _LINEAR_UP_TO_HZ / _HZ_PER_MEL

_Times = npt.NDArray[np.float64]


def onset_times_s(samples: FloatArray) -> _Times:
    """Times of all onsets in seconds, ascending.

    Args:
        samples: [N] at 16 kHz.
    """
    flux = _flux(samples)
    if not flux.max(initial=0.0) > flux.min(initial=np.inf):
        return np.zeros(0)
    flux = (flux - flux.min()) / np.ptp(flux)
    around = np.array([flux[max(0, n - _BEFORE) : n + _AFTER].mean() for n in range(len(flux))])
    return np.flatnonzero(flux >= around + _EXCESS) * _HOP / SAMPLE_RATE_HZ


def _flux(samples: FloatArray) -> _Times:
    """Mean growth of the bands since the frame before, [T] dB, late by half a window."""
    level = _mel_db(samples)
    growth = np.maximum(np.diff(level, axis=0), 0).mean(axis=1)
    late = 1 + _WINDOW // (2 * _HOP)
    return np.concatenate((np.zeros(late), growth))[: len(level)]


def _mel_db(samples: FloatArray) -> _Times:
    """Mel spectrogram, [T, 128] dB, at most 80 dB below its loudest."""
    padded = np.pad(samples.astype(np.float64), _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    taper = np.hanning(_WINDOW + 1)[:-1]
    power = np.abs(np.fft.rfft(frames * taper)) ** 2 @ _mel_bands().T
    level = 10 * np.log10(np.maximum(power, _FLOOR))
    return np.asarray(np.maximum(level, level.max() - _RANGE_DB))


def _mel_bands() -> _Times:
    """Triangular bands of equal area, [128, bins]."""
    top = _LINEAR_UP_TO_MEL + _MEL_PER_NEPER * np.log(SAMPLE_RATE_HZ / 2 / _LINEAR_UP_TO_HZ)
    edges = _hz(np.linspace(0, top, _NUM_BANDS + 2))
    bins = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE_HZ)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rise, fall = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return np.asarray(np.minimum(rise, fall).clip(0) * 2 / (high - low))


def _hz(mel: _Times) -> _Times:
    above = _LINEAR_UP_TO_HZ * np.exp((mel - _LINEAR_UP_TO_MEL) / _MEL_PER_NEPER)
    return np.where(mel < _LINEAR_UP_TO_MEL, mel * _HZ_PER_MEL, above)
