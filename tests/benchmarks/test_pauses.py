import numpy as np
import pytest

from benchmarks.pauses import pause_figures
from tests.umo_runtime.evaluation.bodies import about, body
from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
)

FRAMES = 120
SOUND = np.random.default_rng(0).uniform(-0.3, 0.3, FRAMES * 16_000 // 30).astype(np.float32)
HALF = len(SOUND) // 2


def swinging(turn_rad: np.ndarray, samples: np.ndarray) -> Performance:
    """Both arms turn about the hips' axis by angles [T]; the jaw is open in the first half."""
    shown = body(FRAMES, {"Hips": about("y", turn_rad)}, samples)
    shown.blendshapes[: FRAMES // 2, BLENDSHAPE_INDEX["jawOpen"]] = 0.4
    return shown


def test_speech_and_silence_are_told_apart() -> None:
    samples = np.where(np.arange(len(SOUND)) < HALF, SOUND, 0)
    speed = np.where(np.arange(FRAMES) < FRAMES // 2, 1.0, 0.1)  # rad/s
    figures = pause_figures(swinging(np.cumsum(speed) / 30, samples))
    joints, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    reach_m = np.linalg.norm((joints[BONE_INDEX["LeftHand"]] - joints[0])[[0, 2]])
    assert figures["wrist_speech_m_per_s"] == pytest.approx(reach_m, rel=0.05)
    assert figures["wrist_silence_m_per_s"] == pytest.approx(0.1 * reach_m, rel=0.05)
    assert figures["wrist_ratio"] == pytest.approx(10, rel=0.05)
    assert figures["jaw_mean_speech"] == pytest.approx(0.4, abs=0.02)
    assert figures["jaw_mean_silence"] == figures["jaw_max_silence"] == 0


def test_without_a_pause_nothing_is_said_about_it() -> None:
    figures = pause_figures(swinging(np.linspace(0, 1, FRAMES), SOUND))
    unknown = {name for name, value in figures.items() if np.isnan(value)}
    assert unknown == {name for name in figures if "silence" in name or name == "wrist_ratio"}
