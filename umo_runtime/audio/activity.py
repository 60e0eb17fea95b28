"""Tells frames with speech from frames without, by loudness. Transcripts are placed with it."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from umo_runtime.audio.framing import num_frames
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray

_BELOW_LOUD_DB = 30.0  # quiet phones of fluent speech lie within this of its loud ones
_SILENCE_DB = -60.0  # of full scale; below this nothing is speech
_LOUD_QUANTILE = 0.95  # robust against a single click


def speech_activity(blocks: Iterable[FloatArray]) -> npt.NDArray[np.bool_]:
    """Mark the frames in which somebody speaks.

    Args:
        blocks: consecutive runs of 16 kHz samples, [N] each.

    Returns:
        [T] bool at 30 Hz; T as `framing.num_frames` of all samples.
    """
    energies: list[tuple[int, npt.NDArray[np.float64]]] = []
    position = 0
    for block in blocks:
        frames = (position + np.arange(len(block))) * FRAME_RATE_HZ // SAMPLE_RATE_HZ
        first = position * FRAME_RATE_HZ // SAMPLE_RATE_HZ
        squares = np.square(block, dtype=np.float64)
        energies.append((first, np.bincount(frames - first, squares).astype(np.float64)))
        position += len(block)
    return _threshold(_add_up(energies, num_frames(position)))


def _add_up(
    energies: list[tuple[int, npt.NDArray[np.float64]]], length: int
) -> npt.NDArray[np.float64]:
    """Sum energies [n] that start at given frames into one curve [T]."""
    total = np.zeros(length)
    for first, energy in energies:
        total[first : first + len(energy)] += energy
    return total


def _threshold(energy: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    if not len(energy):
        return np.zeros(0, np.bool_)
    level_db = 10 * np.log10(energy * FRAME_RATE_HZ / SAMPLE_RATE_HZ + 1e-12)
    loud_db = float(np.quantile(level_db, _LOUD_QUANTILE))
    return np.asarray(level_db > max(_SILENCE_DB, loud_db - _BELOW_LOUD_DB))
