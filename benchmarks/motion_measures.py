"""Figures that say whether a recording moves like somebody who speaks.

All take what `umo run --record FILE.npz` wrote; speech is the same audio at 16 kHz.
"""

import numpy as np

from umo_runtime.evaluation.blinks import blink_figures
from umo_runtime.evaluation.dynamics import angular_speed
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, forward_kinematics
from umo_runtime.types import FloatArray


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
        "blinks_per_minute": blink_figures([performance])["blinks_per_minute"],
        "max_turn_rad_per_s": float(angular_speed(performance).max()),
        "foot_slide_cm_per_s": float(100 * slide.mean()),
        "foot_slide_p99_cm_per_s": float(100 * np.quantile(slide, 0.99)),
        "is_finite": float(
            np.isfinite(performance.rotations).all()
            and np.isfinite(performance.root_position).all()
            and np.isfinite(performance.blendshapes).all()
        ),
    }


def _speed(positions: FloatArray, fps: float) -> FloatArray:
    return np.linalg.norm(np.diff(positions, axis=0), axis=-1) * fps


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
