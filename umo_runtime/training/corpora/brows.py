"""Brows that rise with the accents of speech, over slow drift.

Source: C. Cavé et al., "About the relationship between eyebrow movements and F0 variations", ICSLP
1996 (brows rise with pitch accents, though not with all of them).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.types import FRAME_RATE_HZ

FloatArray = npt.NDArray[np.float32]

_LEAD_S = 0.05  # brows arrive a little before the accent
_RISE_S, _FALL_S = 0.12, 0.22  # standard deviations of the two flanks
_RAISE = 0.5  # of the strongest accent
_MIN_RAISE = 0.05  # weaker ones do not show
_DRIFT_S = 1.2
_DRIFT = 0.03


class Brows(NamedTuple):
    """Brow movement.

    Attributes:
        raised: [T] in 0..1.
        lowered: [T] in 0..1.
    """

    raised: FloatArray
    lowered: FloatArray


def brows(
    num_frames: int, accents: list[Accent], rng: np.random.Generator, size: float = 1.0
) -> Brows:
    """Make the brows' movement for the accents of an utterance, `size` times the natural one."""
    noise = ndimage.gaussian_filter1d(rng.normal(size=num_frames), _DRIFT_S * FRAME_RATE_HZ)
    # Smoothing shrank the noise by a known factor: the sum of squares of its kernel.
    shrink = np.sqrt(2 * np.sqrt(np.pi) * _DRIFT_S * FRAME_RATE_HZ)
    drift = size * _DRIFT * shrink * noise
    raised = size * _raises(num_frames, accents, rng) + np.maximum(drift, 0.0)
    return Brows(
        np.clip(raised, 0.0, 1.0).astype(np.float32),
        np.clip(-drift, 0.0, 1.0).astype(np.float32),
    )


def _raises(
    num_frames: int, accents: list[Accent], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """The highest of the bumps that the accents make, [T]."""
    if not accents:
        return np.zeros(num_frames)
    peak = np.array([accent.time_s for accent in accents]) - _LEAD_S
    strength = np.array([accent.strength for accent in accents])
    height = _RAISE * strength * rng.uniform(0.4, 1.0, len(accents))
    is_shown = (rng.random(len(accents)) < strength) & (height > _MIN_RAISE)
    since = np.arange(num_frames)[:, None] / FRAME_RATE_HZ - peak
    bumps = np.exp(-0.5 * np.square(since / np.where(since < 0, _RISE_S, _FALL_S)))
    tallest: npt.NDArray[np.float64] = (bumps * height * is_shown).max(axis=1)
    return tallest
