"""Figures that say whether a recording moves like somebody who speaks.

All take what `umo run --record FILE.npz` wrote; speech is the same audio at 16 kHz.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.skeleton import BONE_INDEX, forward_kinematics
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

Array = npt.NDArray[np.generic]
BoolArray = npt.NDArray[np.bool_]

_WINDOW_S = 0.05
_SILENCE_BELOW_LOUD_DB = 30.0
_LONG_SILENCE_S = 0.3
_SETTLE_S = 0.12  # lips may still be closing, or opening ahead of the sound
_BLINK_CLOSED = 0.5


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
        arrays = (
            np.asarray(recording[name][:frames], np.float32)
            for name in ("rotations", "root_position", "blendshapes")
        )
        return cls(float(recording["fps"]), *arrays, samples)

    def channel(self, name: str) -> FloatArray:
        """One blendshape over time, [T]."""
        return self.blendshapes[:, BLENDSHAPE_INDEX[name]]

    def level_db(self) -> FloatArray:
        """Loudness around every frame, [T]."""
        half = int(_WINDOW_S * SAMPLE_RATE_HZ / 2)
        power = np.concatenate(([0.0], np.cumsum(np.square(self.samples, dtype=np.float64))))
        centre = np.round(np.arange(len(self.blendshapes)) / self.fps * SAMPLE_RATE_HZ).astype(int)
        start, end = (np.clip(centre + side, 0, len(self.samples)) for side in (-half, half))
        mean = (power[end] - power[start]) / np.maximum(end - start, 1)
        return (10 * np.log10(mean + 1e-8)).astype(np.float32)

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


def measure(performance: Performance) -> dict[str, float]:
    """All figures of one recording by name; units are in the names."""
    silent, settled = performance.is_silent(), performance.is_settled_silence()
    positions, _ = forward_kinematics(performance.rotations, performance.root_position)
    hands = [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]
    wrists = _speed(positions[:, hands], performance.fps).mean(axis=1)
    feet = [BONE_INDEX[f"{side}{part}"] for side in ("Left", "Right") for part in ("Foot", "Toes")]
    slide = _speed(positions[:, feet][..., [0, 2]], performance.fps)
    jaw = performance.channel("jawOpen")
    in_speech, in_silence = wrists[~silent[1:]].mean(), _mean(wrists[silent[1:]])
    return {
        "duration_s": len(jaw) / performance.fps,
        "silence_s": float(silent.sum() / performance.fps),
        "jaw_energy_r": float(np.corrcoef(jaw, performance.level_db())[0, 1]),
        "jaw_mean_speech": _mean(jaw[~silent]),
        "jaw_mean_silence": _mean(jaw[settled]),
        "jaw_max_silence": float(jaw[settled].max(initial=0.0)),
        "wrist_speech_m_per_s": float(in_speech),
        "wrist_silence_m_per_s": in_silence,
        "wrist_ratio": float(in_speech / max(in_silence, 1e-6)) if silent.any() else float("nan"),
        "blinks_per_minute": blinks_per_minute(performance),
        "max_turn_rad_per_s": float(angular_speed(performance).max()),
        "foot_slide_cm_per_s": float(100 * slide.mean()),
        "foot_slide_p99_cm_per_s": float(100 * np.quantile(slide, 0.99)),
        "is_finite": float(
            np.isfinite(performance.rotations).all()
            and np.isfinite(performance.root_position).all()
            and np.isfinite(performance.blendshapes).all()
        ),
    }


def blinks_per_minute(performance: Performance) -> float:
    """Lid closures past one half, per minute."""
    shut = performance.channel("eyeBlinkLeft") > _BLINK_CLOSED
    count = int(np.count_nonzero(shut[1:] & ~shut[:-1]))
    return count * 60 * performance.fps / len(shut)


def angular_speed(performance: Performance) -> FloatArray:
    """Local turning speed of every bone between frames, [T - 1, 55] rad/s."""
    q = performance.rotations
    chord = np.linalg.norm(q[1:] - q[:-1], axis=-1)
    chord = np.minimum(chord, np.linalg.norm(q[1:] + q[:-1], axis=-1))
    return 4 * np.arcsin(np.clip(chord / 2, 0, 1)) * performance.fps


def correlation_by_lag(made: FloatArray, truth: FloatArray, max_lag: int) -> dict[int, float]:
    """Pearson r of two curves [T] by lag in frames; positive where `made` comes late."""
    length = min(len(made), len(truth))
    made, truth = made[:length], truth[:length]
    middle = slice(max_lag, length - max_lag)
    return {
        lag: float(np.corrcoef(np.roll(made, -lag)[middle], truth[middle])[0, 1])
        for lag in range(-max_lag, max_lag + 1)
    }


def _speed(positions: FloatArray, fps: float) -> FloatArray:
    return np.linalg.norm(np.diff(positions, axis=0), axis=-1) * fps


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _runs(mask: BoolArray, longer_than: int, margin: int) -> BoolArray:
    """Runs of True that are longer than so many frames, without `margin` frames at either end."""
    kept = np.zeros_like(mask)
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > longer_than:
            kept[start + margin : max(start + margin, end - margin)] = True
    return kept
