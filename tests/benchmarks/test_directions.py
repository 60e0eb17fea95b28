import numpy as np
import pytest

from benchmarks.directions import (
    breathing_deg,
    gaze_error_deg,
    gesture_words,
    meaning_ratio,
    near_words,
    nods_per_minute,
    pitch_deg,
)
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, multiply
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.types import FRAME_RATE_HZ, FloatArray

MINUTE = 60 * FRAME_RATE_HZ
TIME_S = np.arange(MINUTE) / FRAME_RATE_HZ


def nodding(times_s: list[float], depth_deg: float, width_s: float = 0.3) -> FloatArray:
    """A minute of head pitch that dips at these times."""
    dips = [np.exp(-0.5 * ((TIME_S - time) / (width_s / 2.5)) ** 2) for time in times_s]
    return -depth_deg * np.sum(dips, axis=0)


def about(axis: int, angle_rad: float) -> FloatArray:
    rotation = np.zeros(4, np.float32)
    rotation[axis], rotation[3] = np.sin(angle_rad / 2), np.cos(angle_rad / 2)
    return rotation


def test_nods_are_counted_each() -> None:
    assert nods_per_minute(nodding([5, 20, 20.6, 40], depth_deg=6)) == 4


def test_a_slow_bow_a_small_dip_and_a_lifted_head_are_no_nods() -> None:
    assert nods_per_minute(nodding([20], depth_deg=10, width_s=6)) == 0
    assert nods_per_minute(nodding([20], depth_deg=2)) == 0
    assert nods_per_minute(-nodding([20], depth_deg=8)) == 0


def test_drift_does_not_hide_nods() -> None:
    drift = 8 * np.sin(2 * np.pi * TIME_S / 9)
    assert nods_per_minute(drift + nodding([10, 30], depth_deg=6)) == 2


def test_breathing_is_found_beside_slow_sway_and_fast_motion() -> None:
    breath = 0.4 * np.sin(2 * np.pi * 0.25 * TIME_S)
    rest = 3 * np.sin(2 * np.pi * 0.05 * TIME_S) + np.sin(2 * np.pi * 2.0 * TIME_S)
    assert breathing_deg(breath + rest) == pytest.approx(0.4, rel=0.02)
    assert breathing_deg(rest) < 0.01


def test_a_chain_of_bones_looks_where_it_points() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (2, 1, 1))
    rotations[1, BONE_INDEX["Neck"]] = about(0, 0.1)  # about +x: down
    rotations[1, BONE_INDEX["Head"]] = about(0, 0.2)
    np.testing.assert_allclose(
        pitch_deg(rotations, ("Neck", "Head")), [0, -np.degrees(0.3)], atol=1e-3
    )


def test_gaze_is_that_of_head_and_eyes_against_the_chest() -> None:
    rotations = IDENTITY_ROTATIONS[None].copy()
    rotations[0, BONE_INDEX["UpperChest"]] = about(1, 0.5)  # which does not count
    rotations[0, BONE_INDEX["Head"]] = about(1, 0.4)
    rotations[0, BONE_INDEX["LeftEye"]] = multiply(about(1, 0.2), about(0, -0.1))
    assert gaze_error_deg(rotations, (0.6, 0.1))[0] == pytest.approx(0, abs=0.05)
    assert gaze_error_deg(rotations, (0.6, -0.1))[0] == pytest.approx(np.degrees(0.2), abs=0.05)


def test_gesture_words_are_timed_by_their_middle() -> None:
    words = (Span("the", 0.0, 0.2), Span("never", 1.0, 1.4), Span("mine", 2.0, 2.2))
    utterance = Utterance("one", "me", np.zeros(0, np.float32), words=words)
    assert gesture_words(utterance) == [(36, "no"), (63, "me")]


def test_near_is_half_a_second() -> None:
    near = near_words([30, 40], 90)
    assert near[15:56].all() and not near[:15].any() and not near[56:].any()


def test_hands_that_follow_meaning_are_told_from_hands_that_do_not() -> None:
    rng = np.random.default_rng(0)
    meanings = ["no", "you", "all"] * 12
    sources = list(np.arange(36) // 3)
    shape = {meaning: rng.normal(size=(8, 3)) for meaning in set(meanings)}
    noise = rng.normal(size=(2, 36, 8, 3))
    meant = noise * 0.5 + np.stack([shape[meaning] for meaning in meanings])
    found, by_chance, p = meaning_ratio(meant, meanings, sources, shuffles=99)
    assert found < 0.8 < by_chance and p == 0.01
    found, by_chance, p = meaning_ratio(noise, meanings, sources, shuffles=99)
    assert found == pytest.approx(by_chance, abs=0.02) and p > 0.05


def test_words_of_one_utterance_are_not_compared() -> None:
    # Every utterance has a pose of its own and says its word twice.
    meanings, sources = ["no", "no", "you", "you"] * 6, list(np.arange(24) // 2)
    poses = np.zeros((1, 24, 8, 3), np.float32)
    poses[..., 0] = np.array(sources)[:, None] ** 2
    apart, _, _ = meaning_ratio(poses, meanings, sources, shuffles=9)
    together, _, _ = meaning_ratio(poses, meanings, range(24), shuffles=9)
    assert together < apart
