"""Ridge regression from log-mel to the mouth: what lips are worth without a network.

Each frame hears nine log-mel frames 30 ms apart, 120 ms either side of it (twice the look-ahead of
the live model), and is mapped linearly. Source: A. Hoerl and R. Kennard, "Ridge regression", 1970.
"""

from collections.abc import Iterable

import numpy as np
import torch

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.nn.log_mel import LogMel
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, WINDOW_SAMPLES, FloatArray

_NUM_MELS = 64
_HOP = SAMPLE_RATE_HZ // 100
_STACKED = np.arange(-12, 13, 3)  # hops of 10 ms
_PENALTY = 1e-2  # times the number of frames, on features of unit spread
_MOUTH = list(MOUTH_CHANNELS)


class RidgeLips:
    """A fitted regression.

    Args:
        takes: speech [N] at 16 kHz with the blendshapes [T, 52] at 30 fps that go with it.
    """

    def __init__(self, takes: Iterable[tuple[FloatArray, FloatArray]]) -> None:
        pairs = [(stacked_log_mel(samples, len(face)), face[:, _MOUTH]) for samples, face in takes]
        heard = np.concatenate([x for x, _ in pairs]).astype(np.float64)
        shown = np.concatenate([y for _, y in pairs]).astype(np.float64)
        self._mean, self._spread = heard.mean(axis=0), heard.std(axis=0) + 1e-6
        self._offset = shown.mean(axis=0)
        heard = (heard - self._mean) / self._spread
        penalty = _PENALTY * len(heard) * np.eye(heard.shape[1])
        self._weights = np.linalg.solve(heard.T @ heard + penalty, heard.T @ (shown - self._offset))

    def perform(self, samples: FloatArray) -> FloatArray:
        """Blendshapes [T, 52] at 30 fps of speech [N]; only the mouth moves."""
        frames = num_frames(len(samples))
        heard = (stacked_log_mel(samples, frames) - self._mean) / self._spread
        blendshapes = np.zeros((frames, NUM_BLENDSHAPES), np.float32)
        blendshapes[:, _MOUTH] = np.clip(heard @ self._weights + self._offset, 0.0, 1.0)
        return blendshapes


def stacked_log_mel(samples: FloatArray, frames: int) -> FloatArray:
    """Nine log-mel frames around the time of each motion frame, [frames, 9 * 64]."""
    hops = len(samples) // _HOP + 1
    half = WINDOW_SAMPLES // 2
    padded = np.pad(samples, (half, half + _HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::_HOP][:hops]
    with torch.no_grad():
        mel = LogMel(_NUM_MELS)(torch.from_numpy(windows.copy())).numpy()
    at = np.round(np.arange(frames) * (SAMPLE_RATE_HZ / FRAME_RATE_HZ / _HOP)).astype(int)
    rows = np.clip(at[:, None] + _STACKED, 0, hops - 1)
    return np.asarray(mel[rows].reshape(frames, -1), np.float32)
