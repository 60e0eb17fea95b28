import numpy as np
import pytest

from engine_bridge.live_link_angles import ANGLES, live_link_angles_rad
from tests.engine_bridge.bridge_frames import make_frame, turn


def angles(**bones):
    radians = live_link_angles_rad(make_frame(bones=bones).rotations)
    return dict(zip(ANGLES, np.degrees(radians).tolist(), strict=True))


# Turns about our axes: +y to the character's left, +x downwards, +z towards its right shoulder.
@pytest.mark.parametrize(
    ("bone", "axis", "moves", "to"),
    [
        ("Head", "y", "HeadYaw", 20),
        ("Head", "x", "HeadPitch", -20),
        ("Head", "z", "HeadRoll", -20),
        ("LeftEye", "y", "LeftEyeYaw", -20),
        ("LeftEye", "x", "LeftEyePitch", 20),
        ("LeftEye", "z", "LeftEyeRoll", -20),
        ("RightEye", "y", "RightEyeYaw", -20),
        ("RightEye", "x", "RightEyePitch", 20),
        ("RightEye", "z", "RightEyeRoll", -20),
    ],
)
def test_signs(bone, axis, moves, to):
    moved = angles(**{bone: turn(axis, 20)})
    assert moved == pytest.approx({name: to if name == moves else 0 for name in ANGLES}, abs=1e-4)


def test_eyes_that_hold_a_point_turn_against_the_head():
    # In packets of the app, whose wearer rocks the head before the phone, both have one sign.
    moved = angles(Head=turn("y", 15), LeftEye=turn("y", -15), RightEye=turn("y", -15))
    assert moved["HeadYaw"] == pytest.approx(moved["LeftEyeYaw"], abs=1e-4)
    assert moved["HeadYaw"] == pytest.approx(moved["RightEyeYaw"], abs=1e-4)


def test_the_head_counts_the_spine_but_not_the_hips():
    moved = angles(Hips=turn("y", 90), Chest=turn("y", 10), Neck=turn("y", 5))
    assert moved["HeadYaw"] == pytest.approx(15, abs=1e-4)
