"""Loudness, pitch, pauses and accents of speech, one value per motion frame.

Frame `f` looks at the samples around time `f / 30` s. Everything here labels recordings for
training, so it may look ahead; nothing of it runs live.
Sources: P. Boersma, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings
1993 (pitch); P. Mertens, "The Prosogram", Speech Prosody 2004 (accents sit on syllable nuclei that
stand out in loudness and pitch).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

SILENCE_DB = -80.0  # floor of every level, so that digital silence stays finite
MIN_PAUSE_S = 0.3  # shorter gaps are stops and breaths inside a phrase

_ENERGY_WINDOW = 640  # 40 ms
_PITCH_WINDOW = 1024  # 64 ms: two and a half periods of the lowest voice
_PITCH_RANGE_HZ = (65.0, 420.0)
_VOICED_AUTOCORRELATION = 0.5
_OCTAVE_COST = 0.02  # prefers the shorter of two equally good periods
_NUCLEUS_BAND_HZ = (250.0, 3500.0)  # first formants: vowels stand out, hiss does not

_QUIET_DB = -55.0  # a file that never gets louder holds no speech
_FLAT_RANGE_DB = 10.0  # a file with less dynamics has no pauses
_ACTIVE_SHARE = 0.45  # of the range from noise floor to speech level
_ACTIVE_MIN_DB = 6.0
_HANGOVER_FRAMES = 1  # the quiet ends of final consonants
_MIN_BURST_S = 0.1  # shorter sounds between pauses are clicks

_ACCENT_DISTANCE_S = 0.35
_ACCENT_THRESHOLD = 0.5  # above the recording's own median


@dataclass(frozen=True, slots=True)
class Accent:
    """A syllable that stands out.

    Attributes:
        time_s: its loudest moment.
        strength: 0..1, relative to the same recording.
    """

    time_s: float
    strength: float


def num_frames(samples: FloatArray) -> int:
    """Motion frames that cover the samples."""
    return -(-len(samples) * FRAME_RATE_HZ // SAMPLE_RATE_HZ)


def _windows(samples: FloatArray, length: int) -> FloatArray:
    """Stretches of the samples centred on every frame, [T, length], zero outside."""
    padded = np.pad(samples, (length // 2, length))
    starts = np.arange(num_frames(samples)) * SAMPLE_RATE_HZ // FRAME_RATE_HZ
    windows: FloatArray = padded[starts[:, None] + np.arange(length)]
    return windows


def _decibel(power: npt.NDArray[np.floating]) -> FloatArray:
    floor = 10 ** (SILENCE_DB / 10)
    level: FloatArray = (10 * np.log10(np.maximum(power, floor))).astype(np.float32)
    return level


def energy_db(samples: FloatArray) -> FloatArray:
    """Level of every frame in dB relative to full scale, [T], at least SILENCE_DB.

    Args:
        samples: [N] float32 at 16 kHz.
    """
    taper = np.hanning(_ENERGY_WINDOW).astype(np.float32)
    power = np.square(_windows(samples, _ENERGY_WINDOW)) @ (taper / taper.sum())
    return _decibel(power)


def pitch_hz(samples: FloatArray) -> FloatArray:
    """Fundamental frequency of every frame in Hz, [T]; 0 where the voice is silent.

    Args:
        samples: [N] float32 at 16 kHz.
    """
    shortest, longest = (int(SAMPLE_RATE_HZ / hz) for hz in reversed(_PITCH_RANGE_HZ))
    correlation = _autocorrelation(samples)[:, : longest + 2]
    lags = np.arange(correlation.shape[1])
    cost = _OCTAVE_COST * np.log2(np.maximum(lags, 1) / shortest)
    score = (correlation - cost)[:, shortest : longest + 1]
    best = score.argmax(axis=1) + shortest
    voiced = np.take_along_axis(correlation, best[:, None], 1)[:, 0] > _VOICED_AUTOCORRELATION
    voiced &= (best > shortest) & (best < longest)
    pitch = SAMPLE_RATE_HZ / _parabolic_peak(correlation, best)
    # A median over three frames removes single octave jumps and single voiced frames.
    smooth: FloatArray = ndimage.median_filter(np.where(voiced, pitch, 0.0), 3).astype(np.float32)
    return smooth


def _autocorrelation(samples: FloatArray) -> FloatArray:
    """Autocorrelation of every frame over that of its window, 1 at lag zero, [T, lag]."""
    taper = np.hanning(_PITCH_WINDOW).astype(np.float32)
    frames = _windows(samples, _PITCH_WINDOW)
    frames = (frames - frames.mean(axis=1, keepdims=True)) * taper
    raw = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * _PITCH_WINDOW)) ** 2)[:, : _PITCH_WINDOW // 2]
    window = np.fft.irfft(np.abs(np.fft.rfft(taper, 2 * _PITCH_WINDOW)) ** 2)[: _PITCH_WINDOW // 2]
    noise = _PITCH_WINDOW * 10 ** (SILENCE_DB / 10)  # silence must not look periodic
    ratio: FloatArray = (raw / (raw[:, :1] + noise) / (window / window[0])).astype(np.float32)
    return ratio


def _parabolic_peak(rows: FloatArray, index: npt.NDArray[np.int64]) -> FloatArray:
    """Fractional position of the peak near `index` of every row."""
    left, middle, right = (
        np.take_along_axis(rows, (index + step)[:, None], 1)[:, 0] for step in (-1, 0, 1)
    )
    bend = np.minimum(left - 2 * middle + right, -1e-9)
    peak: FloatArray = (index + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)).astype(np.float32)
    return peak


def speech_activity(samples: FloatArray) -> BoolArray:
    """Which frames belong to speech, [T]; gaps up to MIN_PAUSE_S inside a phrase count as speech.

    Args:
        samples: [N] float32 at 16 kHz.
    """
    level = energy_db(samples)
    if not len(level):
        return np.zeros(0, np.bool_)
    floor, loud = np.percentile(level, (5, 95))
    if loud < _QUIET_DB:
        return np.zeros(len(level), np.bool_)
    if loud - floor < _FLAT_RANGE_DB:
        return np.ones(len(level), np.bool_)
    active = level > floor + max(_ACTIVE_MIN_DB, _ACTIVE_SHARE * (loud - floor))
    active = _fill(active, int(MIN_PAUSE_S * FRAME_RATE_HZ))
    active = ~_fill(~active, int(_MIN_BURST_S * FRAME_RATE_HZ) - 1)
    held = np.convolve(active, np.ones(_HANGOVER_FRAMES + 1))[: len(active)]
    return held > 0.5


def _fill(active: BoolArray, longest: int) -> BoolArray:
    """Close inner gaps of at most `longest` frames."""
    edges = np.flatnonzero(np.diff(active.astype(np.int8), prepend=0, append=0))
    filled = active.copy()
    for end, start in zip(edges[1:-1:2], edges[2::2], strict=True):
        if start - end <= longest:
            filled[end:start] = True
    return filled


def accents(samples: FloatArray) -> list[Accent]:
    """Prosodic peaks in order of time, typically 1 to 1.8 in a second of speech.

    Args:
        samples: [N] float32 at 16 kHz.
    """
    pitch, active = pitch_hz(samples), speech_activity(samples)
    voiced = (pitch > 0) & active
    if voiced.sum() < 2:
        return []
    loudness = ndimage.gaussian_filter1d(_nucleus_db(samples), 1.2)
    loudness = np.where(active, loudness, loudness[active].min())
    salience = _salience(loudness, pitch, voiced)
    peaks, _ = signal.find_peaks(np.where(voiced, loudness, loudness.min()), prominence=1.0)
    order = peaks[np.argsort(-salience[peaks], kind="stable")]
    distance = int(_ACCENT_DISTANCE_S * FRAME_RATE_HZ)
    kept: list[int] = []
    for peak in order[salience[order] > _ACCENT_THRESHOLD].tolist():
        if all(abs(peak - other) >= distance for other in kept):
            kept.append(peak)
    return [Accent(peak / FRAME_RATE_HZ, float(2 * salience[peak] - 1)) for peak in sorted(kept)]


def _nucleus_db(samples: FloatArray) -> FloatArray:
    """Level within the band where syllable nuclei are loud, [T]."""
    taper = np.hanning(_ENERGY_WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(_windows(samples, _ENERGY_WINDOW) * taper)) ** 2
    low, high = (int(hz * _ENERGY_WINDOW / SAMPLE_RATE_HZ) for hz in _NUCLEUS_BAND_HZ)
    return _decibel(2 * power[:, low:high].sum(axis=1) / (_ENERGY_WINDOW * np.square(taper).sum()))


def _salience(loudness: FloatArray, pitch: FloatArray, voiced: BoolArray) -> FloatArray:
    """How far every frame stands out against the voiced frames of the recording, [T] in 0..1."""
    semitones = 12 * np.log2(np.where(voiced, pitch, np.median(pitch[voiced])))
    semitones = ndimage.median_filter(semitones, 3)
    height = (semitones - np.median(semitones[voiced])) / max(2.0, 2 * semitones[voiced].std())
    level = (loudness - np.median(loudness[voiced])) / max(4.0, 2 * loudness[voiced].std())
    joint = 0.6 * np.clip(level, -1, 1) + 0.4 * np.clip(height, -1, 1)
    salience: FloatArray = np.clip(0.5 + 0.6 * joint, 0.0, 1.0).astype(np.float32)
    return salience
