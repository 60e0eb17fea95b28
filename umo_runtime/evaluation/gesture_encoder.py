"""Turns windows of gesture into short vectors whose distribution can be compared.

The encoder half of a small temporal convolutional autoencoder, trained by `python -m
benchmarks.train_gesture_encoder` on the training clips of the motion corpus and on nothing that is
evaluated. It is a measuring tool: its file is no part of the product. Inference needs numpy alone.
Source of the idea: Yoon et al., "Speech Gesture Generation from the Trimodal Context of Text,
Audio, and Speaker Identity", SIGGRAPH Asia 2020.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umo_runtime.errors import WeightsError
from umo_runtime.evaluation.body_space import GESTURE_BONES, seen_from_chest
from umo_runtime.skeleton import rotate
from umo_runtime.types import FloatArray

WINDOW_FRAMES = 32
HOP_FRAMES = 4
KERNEL, STRIDE, NUM_CONVOLUTIONS = 4, 2, 3
NUM_FEATURES = 9 * len(GESTURE_BONES)
SLOPE = 0.1  # of the leaky rectifier, below zero
_NAMES = (
    *("mean", "scale", "latent_weight", "latent_bias", "latent_mean", "whitening"),
    *(f"{part}{layer}" for layer in range(NUM_CONVOLUTIONS) for part in ("weight", "bias")),
)
_MAKE = "run: python -m benchmarks.train_gesture_encoder DATA"


def gesture_features(rotations: FloatArray) -> FloatArray:
    """Upper body and hands, [T, 387]: positions seen from the chest (m), parent-local 6D rotations.

    Args:
        rotations: [T, 55, 4] xyzw, parent-local, 30 fps.
    """
    bones = list(GESTURE_BONES)
    axes = np.eye(3, dtype=np.float32)[:2]
    six = rotate(
        rotations[:, bones, None], np.broadcast_to(axes, (len(rotations), len(bones), 2, 3))
    )
    positions = seen_from_chest(rotations)[:, bones]
    parts = (positions.reshape(len(rotations), -1), six.reshape(len(rotations), -1))
    return np.concatenate(parts, axis=1, dtype=np.float32)


def cut_windows(features: FloatArray, hop: int = HOP_FRAMES) -> FloatArray:
    """Windows [N, 32, F] of features [T, F], one every `hop` frames; none if T is below 32."""
    if len(features) < WINDOW_FRAMES:
        return np.zeros((0, WINDOW_FRAMES, features.shape[1]), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(features, WINDOW_FRAMES, axis=0)
    return np.asarray(views[::hop].swapaxes(1, 2), np.float32)


@dataclass(frozen=True, slots=True)
class GestureEncoder:
    """The trained encoder.

    Attributes:
        arrays: weights by name, float32.
    """

    arrays: dict[str, FloatArray]

    @classmethod
    def load(cls, path: Path) -> "GestureEncoder":
        """Read a weights file.

        Raises:
            WeightsError: the file is missing or not a gesture encoder.
        """
        if not path.is_file():
            raise WeightsError(f"{path} is missing; expected the gesture encoder, {_MAKE}")
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls({name: np.asarray(arrays[name], np.float32) for name in _NAMES})
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise WeightsError(f"{path} is not a gesture encoder ({error}); {_MAKE}") from error

    def encode(self, rotations: FloatArray) -> FloatArray:
        """Latent vectors [N, D] of all windows of rotations [T, 55, 4] at 30 fps."""
        a = self.arrays
        windows = cut_windows((gesture_features(rotations) - a["mean"]) * a["scale"])
        hidden = windows.swapaxes(1, 2)
        for layer in range(NUM_CONVOLUTIONS):
            hidden = _convolve(hidden, a[f"weight{layer}"], a[f"bias{layer}"])
            hidden = np.where(hidden < 0, SLOPE * hidden, hidden)
        flat = hidden.reshape(len(hidden), a["latent_weight"].shape[1])
        latent = flat @ a["latent_weight"].T + a["latent_bias"]
        return np.asarray((latent - a["latent_mean"]) @ a["whitening"], np.float32)


def _convolve(x: FloatArray, weight: FloatArray, bias: FloatArray) -> FloatArray:
    """Strided convolution of [N, C, T] with [O, C, K], padded by one frame on either side."""
    views = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, ((0, 0), (0, 0), (1, 1))), KERNEL, axis=2
    )[:, :, ::STRIDE]
    return np.asarray(np.einsum("nctk,ock->not", views, weight, optimize=True)) + bias[:, None]
