from dataclasses import replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import about, body, restless
from umo_runtime.evaluation.diversity import gesture_diversity_m, l1_diversity_m
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, rotate
from umo_runtime.training.corpora.rotations import from_rotation_vector


def waving(frames: int, period: int, samples: np.ndarray | None = None) -> Performance:
    """The left hand's middle finger tip flips by half a turn every `period` frames."""
    angle = np.pi * (np.arange(frames) // period % 2)
    return body(frames, {"LeftMiddleIntermediate": about("y", angle)}, samples)


TIP_M = 0.027  # from the intermediate to the distal joint; only the distal joint moves


def test_a_flip_strays_by_half_its_way() -> None:
    assert l1_diversity_m([waving(60, 5)]) == pytest.approx(TIP_M, abs=1e-5)
    assert gesture_diversity_m([waving(60, 5)]) == pytest.approx(TIP_M, rel=0.02)


def test_a_still_body_has_none() -> None:
    assert l1_diversity_m([body(60)]) == gesture_diversity_m([body(60)]) == 0


def test_longer_recordings_of_the_same_gestures_count_alike_in_windows() -> None:
    slow = waving(480, 120)
    assert l1_diversity_m([slow]) == pytest.approx(TIP_M, abs=1e-5)
    assert gesture_diversity_m([slow]) < 0.5 * TIP_M
    once = gesture_diversity_m([waving(120, 5)])
    assert gesture_diversity_m([waving(960, 5)]) == pytest.approx(once, rel=0.02)


def test_pauses_do_not_count() -> None:
    sound = np.zeros(8 * 16_000, np.float32)
    sound[: 4 * 16_000] = np.random.default_rng(0).standard_normal(4 * 16_000)
    talking, moves = waving(240, 5, sound), waving(240, 5)
    moves.rotations[120:] = moves.rotations[:1]
    paused = replace(talking, rotations=moves.rotations)
    assert gesture_diversity_m([paused]) == pytest.approx(gesture_diversity_m([talking]), rel=0.15)
    assert l1_diversity_m([paused]) < 0.8 * l1_diversity_m([talking])


def test_walking_and_turning_are_no_gestures() -> None:
    performance = restless(90, 0)
    turn = from_rotation_vector(about("y", np.linspace(0, 3, 90)))
    turned = performance.rotations.copy()
    turned[:, BONE_INDEX["Hips"]] = turn
    step = np.linspace(0, 2, 90, dtype=np.float32)[:, None] * rotate(turn, np.ones(3, np.float32))
    walking = replace(performance, rotations=turned, root_position=step)
    assert gesture_diversity_m([walking]) == pytest.approx(gesture_diversity_m([performance]))


def test_clips_shorter_than_a_window_have_no_figure() -> None:
    assert np.isnan(gesture_diversity_m([body(44)]))
