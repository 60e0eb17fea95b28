from dataclasses import replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import about, body, restless
from umo_runtime.evaluation.body_space import GESTURE_BONES
from umo_runtime.evaluation.dynamics import angular_speed, dynamics
from umo_runtime.skeleton import BONE_INDEX, UPPER_BODY_BONES
from umo_runtime.training.corpora.rotations import normalize

OMEGA = 2.0  # rad/s


def turning(frames: int, samples: np.ndarray | None = None, bone: str = "LeftLowerArm"):
    return body(frames, {bone: about("y", OMEGA * np.arange(frames) / 30)}, samples)


def test_a_steady_turn_has_its_closed_form() -> None:
    figures = dynamics([turning(90)])
    wrist_radius_m = 0.25
    jerk = wrist_radius_m * OMEGA**3 / len(UPPER_BODY_BONES)
    assert figures["jerk_m_per_s3"] == pytest.approx(jerk, rel=0.01)
    assert figures["angular_speed_rad_per_s"] == pytest.approx(OMEGA / len(GESTURE_BONES), rel=1e-3)
    assert figures["wrist_speed_m_per_s"] == pytest.approx(wrist_radius_m * OMEGA / 2, rel=0.01)
    assert figures["moving_share"] == 1


def test_angular_speed_takes_the_short_way_round() -> None:
    performance = turning(10)
    performance.rotations[5:] *= -1
    speed = angular_speed(performance)
    assert speed[:, BONE_INDEX["LeftLowerArm"]] == pytest.approx(OMEGA, rel=1e-3)
    assert speed.max() == pytest.approx(OMEGA, rel=1e-3)


def test_silence_is_left_out() -> None:
    sound = np.zeros(6 * 16_000, np.float32)
    sound[: 3 * 16_000] = np.random.default_rng(0).standard_normal(3 * 16_000)
    performance = turning(180, sound)
    performance.rotations[95:] = performance.rotations[95]
    assert dynamics([performance])["angular_speed_rad_per_s"] == pytest.approx(
        dynamics([turning(90)])["angular_speed_rad_per_s"], rel=0.05
    )


def test_rest_lowers_the_mean_but_not_that_of_moving_frames() -> None:
    moving, half = turning(120), turning(240)
    half.rotations[120:] = half.rotations[119]
    a, b = dynamics([moving]), dynamics([half])
    assert b["angular_speed_rad_per_s"] < 0.6 * a["angular_speed_rad_per_s"]
    assert b["moving_share"] == pytest.approx(0.5, abs=0.05)
    assert b["moving_angular_speed_rad_per_s"] == pytest.approx(
        a["moving_angular_speed_rad_per_s"], rel=0.05
    )


def test_a_still_body_moves_nowhere() -> None:
    figures = dynamics([body(30)])
    assert figures["jerk_m_per_s3"] == figures["moving_share"] == 0
    assert np.isnan(figures["moving_jerk_m_per_s3"])


def test_shaking_shows_as_jerk() -> None:
    smooth = restless(120, 0)
    noise = 0.01 * np.random.default_rng(0).standard_normal(smooth.rotations.shape)
    shaken = replace(smooth, rotations=normalize(smooth.rotations + noise.astype(np.float32)))
    assert dynamics([shaken])["jerk_m_per_s3"] > 5 * dynamics([smooth])["jerk_m_per_s3"]
