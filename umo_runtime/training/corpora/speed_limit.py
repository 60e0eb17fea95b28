"""Takes the edge off moves that no arm could make."""

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from umo_runtime.skeleton import FloatArray
from umo_runtime.training.corpora.rotations import continuous, normalize
from umo_runtime.types import FRAME_RATE_HZ

MAX_SPEED_RAD_S = 9.0
_SMOOTH_FRAMES = 2.0
_NUM_PASSES = 6


def angular_speed(rotations: FloatArray) -> FloatArray:
    """Speed of each bone against its parent, [T - 1, 55] rad/s."""
    cosine = np.abs((rotations[1:] * rotations[:-1]).sum(-1))
    chord = np.sqrt(np.maximum(2 - 2 * cosine, 0))  # stays accurate where acos does not
    return np.asarray(4 * np.arcsin((chord / 2).clip(0, 1)) * FRAME_RATE_HZ, np.float32)


def limit_speed(rotations: FloatArray) -> None:
    """Smooth rotations [T, 55, 4] over time, in place, only around frames that are too fast."""
    for _ in range(_NUM_PASSES):
        is_fast = angular_speed(rotations) > MAX_SPEED_RAD_S
        bones = np.flatnonzero(is_fast.any(axis=0))
        if not len(bones):
            return
        around = np.concatenate((is_fast[:, bones], is_fast[-1:, bones])).astype(np.float32)
        around = maximum_filter1d(around, 7, axis=0)
        share = gaussian_filter1d(around, _SMOOTH_FRAMES, axis=0)[..., None]
        signed = continuous(rotations[:, bones])
        smooth = gaussian_filter1d(signed, _SMOOTH_FRAMES, axis=0, mode="nearest")
        rotations[:, bones] = normalize(signed * (1 - share) + smooth * share)
