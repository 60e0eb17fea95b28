import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.evaluation.keyframes import (
    FILLINGS,
    INTERVALS,
    Filling,
    angle_deg,
    keyframe_figures,
)
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, REST_OFFSETS_M


def waving(frames: int, radians: np.ndarray) -> Performance:
    rotations = np.tile(IDENTITY_ROTATIONS, (frames, 1, 1))
    for bone in ("LeftUpperArm", "RightLowerArm"):
        rotations[:, BONE_INDEX[bone], 2] = np.sin(radians / 2)
        rotations[:, BONE_INDEX[bone], 3] = np.cos(radians / 2)
    root = np.tile(REST_OFFSETS_M[0], (frames, 1))
    empty = np.zeros(0, np.float32)
    return Performance(30.0, rotations, root, np.zeros((frames, 52), np.float32), empty)


SWING = waving(61, 0.8 * np.sin(np.arange(61) / 6))


@pytest.mark.parametrize("fill", FILLINGS.values(), ids=FILLINGS)
def test_a_pose_that_is_held_loses_nothing(fill: Filling) -> None:
    figures = keyframe_figures([waving(61, np.zeros(61))], fill)
    assert set(figures) == {f"keyframes_{n}_{unit}" for n in INTERVALS for unit in ("mm", "deg")}
    assert max(figures.values()) < 0.01


def test_a_turn_at_constant_speed_is_what_slerp_does() -> None:
    figures = keyframe_figures([waving(61, np.linspace(0, 1, 61))], FILLINGS["slerp"])
    assert max(figures.values()) < 0.05


def test_curves_are_better_than_lines_and_lines_than_nothing() -> None:
    by_name = {name: keyframe_figures([SWING], fill) for name, fill in FILLINGS.items()}
    for name in by_name["hold"]:
        assert by_name["hermite"][name] < by_name["slerp"][name] < by_name["hold"][name]


def test_more_keyframes_lose_less() -> None:
    figures = keyframe_figures([SWING], FILLINGS["hermite"])
    losses = [figures[f"keyframes_{interval}_deg"] for interval in INTERVALS]
    assert losses == sorted(losses)


@given(radians=st.floats(0, 3.1))
def test_the_angle_is_that_of_the_shorter_way(radians: float) -> None:
    rotation = np.array((0, np.sin(radians / 2), 0, np.cos(radians / 2)), np.float32)
    start = np.array((0, 0, 0, 1), np.float32)
    assert angle_deg(rotation, start) == pytest.approx(np.degrees(radians), abs=0.01)
    assert angle_deg(-rotation, start) == pytest.approx(np.degrees(radians), abs=0.01)
