from dataclasses import replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import about, body
from umo_runtime.evaluation.contact import foot_contact, wrist_depth_m, wrist_penetration
from umo_runtime.evaluation.performance import Performance


def moved(velocity_m_per_s: tuple[float, float, float], lifted_m: float = 0.0) -> Performance:
    performance = body(31)
    way = np.arange(31)[:, None] / 30 * np.array(velocity_m_per_s)
    way[:, 1] += lifted_m
    return replace(performance, root_position=(performance.root_position + way).astype(np.float32))


def test_standing_feet_do_not_slide() -> None:
    assert foot_contact([body(30)]) == {
        "foot_slide_cm_per_s": 0,
        "foot_off_floor_cm": pytest.approx(0, abs=1e-5),
    }


@pytest.mark.parametrize(
    ("lifted_m", "share"), [(0, 1.0), (0.0125, 2 - 2**0.5), (0.025, 0), (0.05, 0)]
)
def test_sliding_counts_less_with_height(lifted_m: float, share: float) -> None:
    figures = foot_contact([moved((0.03, 0, 0.04), lifted_m)])
    assert figures["foot_slide_cm_per_s"] == pytest.approx(5 * share, abs=0.02)
    assert figures["foot_off_floor_cm"] == pytest.approx(100 * lifted_m, abs=1e-3)


def test_a_sunk_foot_slides_and_is_off_the_floor() -> None:
    figures = foot_contact([moved((0.05, 0, 0), -0.02)])
    assert figures["foot_slide_cm_per_s"] == pytest.approx(5, abs=0.02)
    assert figures["foot_off_floor_cm"] == pytest.approx(2, abs=1e-3)


def through_the_chest(frames: int) -> Performance:
    """The left arm folded across, its wrist 11 cm right of the spine, at the spine's depth."""
    half_turn = np.full(frames, np.pi)
    turns = {"LeftShoulder": about("y", half_turn), "LeftLowerArm": about("y", half_turn)}
    return body(frames, turns)


def test_a_wrist_in_the_chest_is_found_with_its_depth() -> None:
    depth = wrist_depth_m(through_the_chest(2))
    assert depth[:, 0] == pytest.approx((1 - 0.11 / 0.14) * 0.11, abs=2e-3)
    assert not depth[:, 1].any()


def test_penetration_is_a_share_of_frames() -> None:
    figures = wrist_penetration([through_the_chest(10), body(30)])
    assert figures["wrist_in_torso_percent"] == pytest.approx(25)
    assert figures["wrist_in_torso_max_cm"] == pytest.approx(2.36, abs=0.2)


def test_the_torso_goes_where_the_body_goes() -> None:
    performance = through_the_chest(3)
    turned = performance.rotations.copy()
    turned[:, 0] = body(3, {"Hips": about("y", np.full(3, 1.0))}).rotations[:, 0]
    away = replace(performance, rotations=turned, root_position=performance.root_position + 2)
    np.testing.assert_allclose(wrist_depth_m(away), wrist_depth_m(performance), atol=1e-5)


def test_hanging_and_raised_arms_are_outside() -> None:
    for angle in (0.0, -1.35, 1.2):
        turn = np.array([angle])
        arms = {"LeftUpperArm": about("z", turn), "RightUpperArm": about("z", -turn)}
        assert not wrist_depth_m(body(1, arms)).any()
