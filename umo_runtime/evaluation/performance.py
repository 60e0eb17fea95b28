"""A recording with its speech: what every figure is taken from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

Array = npt.NDArray[np.generic]
BoolArray = npt.NDArray[np.bool_]

_WINDOW_S = 0.05
_SILENCE_BELOW_LOUD_DB = 30.0
_LONG_SILENCE_S = 0.3
_SETTLE_S = 0.12  # lips may still be closing, or opening ahead of the sound


@dataclass(frozen=True, slots=True)
class Performance:
    """A recording with its speech.

    Attributes:
        fps: frames a second.
        rotations: [T, 55, 4].
        root_position: [T, 3] metres.
        blendshapes: [T, 52].
        samples: [N] at 16 kHz.
    """

    fps: float
    rotations: FloatArray
    root_position: FloatArray
    blendshapes: FloatArray
    samples: FloatArray

    @classmethod
    def of(cls, recording: Mapping[str, Array], samples: FloatArray) -> "Performance":
        """Take a loaded .npz recording."""
        frames = num_frames(len(samples))
        rotations, root_position, blendshapes = (
            np.asarray(recording[name][:frames], np.float32)
            for name in ("rotations", "root_position", "blendshapes")
        )
        fps = float(np.asarray(recording["fps"], np.float64))
        return cls(fps, rotations, root_position, blendshapes, samples)

    def channel(self, name: str) -> FloatArray:
        """One blendshape over time, [T]."""
        values: FloatArray = self.blendshapes[:, BLENDSHAPE_INDEX[name]]
        return values

    def level_db(self) -> FloatArray:
        """Loudness around every frame, [T]."""
        half = int(_WINDOW_S * SAMPLE_RATE_HZ / 2)
        power = np.concatenate(([0.0], np.cumsum(np.square(self.samples, dtype=np.float64))))
        centre = np.round(np.arange(len(self.blendshapes)) / self.fps * SAMPLE_RATE_HZ).astype(int)
        start, end = (np.clip(centre + side, 0, len(self.samples)) for side in (-half, half))
        mean = (power[end] - power[start]) / np.maximum(end - start, 1)
        return np.asarray(10 * np.log10(mean + 1e-8), np.float32)

    def is_silent(self) -> BoolArray:
        """Frames inside silences longer than 0.3 s, [T]."""
        level = self.level_db()
        quiet = level < np.quantile(level, 0.95) - _SILENCE_BELOW_LOUD_DB
        return _runs(quiet, round(_LONG_SILENCE_S * self.fps), 0)

    def is_settled_silence(self) -> BoolArray:
        """Frames of long silences away from the speech around them, [T]."""
        level = self.level_db()
        quiet = level < np.quantile(level, 0.95) - _SILENCE_BELOW_LOUD_DB
        return _runs(quiet, round(_LONG_SILENCE_S * self.fps), round(_SETTLE_S * self.fps))


def _runs(mask: BoolArray, longer_than: int, margin: int) -> BoolArray:
    """Runs of True that are longer than so many frames, without `margin` frames at either end."""
    kept = np.zeros_like(mask)
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > longer_than:
            kept[start + margin : max(start + margin, end - margin)] = True
    return kept
