import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.coordinates import to_unity_position, to_unity_rotation
from engine_bridge.osc_space import OSC_SPACES
from tests.engine_bridge.bridge_frames import matrix, turn
from umo_runtime.skeleton import rotate

ANGLE = st.floats(-85, 85)
# Of the character: to its left, up and forward, in every space.
DIRECTIONS = {
    "ours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "unity": ((-1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "unreal": ((1, 0, 0), (0, 0, 1), (0, 1, 0)),
}


def yaw_pitch_roll(yaw, pitch, roll):
    product = matrix(turn("y", yaw)) @ matrix(turn("x", pitch)) @ matrix(turn("z", roll))
    w = np.sqrt(1 + np.trace(product)) / 2
    axis = [
        product[2, 1] - product[1, 2],
        product[0, 2] - product[2, 0],
        product[1, 0] - product[0, 1],
    ]
    return np.array([*(np.array(axis) / (4 * w)), w], np.float32)


def rotator_axes(roll, pitch, yaw):
    """Where Unreal's FRotator takes its x, y and z, as columns (FRotationMatrix)."""
    sr, sp, sy = np.sin(np.radians([roll, pitch, yaw]))
    cr, cp, cy = np.cos(np.radians([roll, pitch, yaw]))
    return np.array(
        [
            [cp * cy, cp * sy, sp],
            [sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp],
            [-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp],
        ]
    ).T


@pytest.mark.parametrize("name", OSC_SPACES)
def test_directions_of_the_character(name):
    space = OSC_SPACES[name]
    unit = 100 if name == "unreal" else 1
    for ours, theirs in zip(DIRECTIONS["ours"], DIRECTIONS[name], strict=True):
        np.testing.assert_array_equal(
            space.position(np.array(ours, np.float32)), unit * np.array(theirs)
        )


@pytest.mark.parametrize("name", OSC_SPACES)
@pytest.mark.parametrize(
    ("axis", "degrees", "what", "becomes"),
    [
        ("z", 90, 0, 1),  # the left arm goes up
        ("y", 90, 2, 0),  # the head turns to its left
        ("x", -90, 2, 1),  # the head looks up
    ],
)
def test_golden_poses(name, axis, degrees, what, becomes):
    rotation = OSC_SPACES[name].rotation(turn(axis, degrees).astype(np.float32))
    directions = np.array(DIRECTIONS[name], float)
    moved = matrix(rotation) @ directions[what]  # the formula is the same in a left-handed space
    np.testing.assert_allclose(moved, directions[becomes], atol=1e-6)


@pytest.mark.parametrize("name", OSC_SPACES)
@given(ANGLE, ANGLE, ANGLE)
def test_turning_and_converting_commute(name, yaw, pitch, roll):
    space, rotation = OSC_SPACES[name], yaw_pitch_roll(yaw, pitch, roll)
    point = np.array([0.3, -0.7, 1.1], np.float32)
    np.testing.assert_allclose(
        rotate(space.rotation(rotation), space.position(point)),
        space.position(rotate(rotation, point)),
        atol=2e-4,
    )


@given(ANGLE, ANGLE, ANGLE)
def test_unity_is_that_of_vmc(yaw, pitch, roll):
    space, rotation = OSC_SPACES["unity"], yaw_pitch_roll(yaw, pitch, roll)
    np.testing.assert_array_equal(space.rotation(rotation), to_unity_rotation(rotation))
    np.testing.assert_array_equal(space.position(rotation[:3]), to_unity_position(rotation[:3]))


@given(ANGLE, ANGLE, ANGLE)
def test_unreal_is_what_vmc_receivers_make_of_unity(yaw, pitch, roll):
    rotation = yaw_pitch_roll(yaw, pitch, roll)
    x, y, z, w = to_unity_rotation(rotation)
    np.testing.assert_allclose(OSC_SPACES["unreal"].rotation(rotation), [-x, z, y, w])
    x, y, z = to_unity_position(rotation[:3])
    np.testing.assert_allclose(
        OSC_SPACES["unreal"].position(rotation[:3]), np.array([-x, z, y]) * 100, rtol=1e-6
    )


@pytest.mark.parametrize("name", ["ours", "unity"])
@given(ANGLE, ANGLE, ANGLE)
def test_angles_of_unity_and_ours(name, yaw, pitch, roll):
    space = OSC_SPACES[name]
    rotation = space.rotation(yaw_pitch_roll(yaw, pitch, roll))
    ex, ey, ez = space.euler_deg(rotation)
    again = matrix(turn("y", ey)) @ matrix(turn("x", ex)) @ matrix(turn("z", ez))
    np.testing.assert_allclose(again, matrix(rotation), atol=1e-5)


@given(ANGLE, ANGLE, ANGLE)
def test_angles_of_unreal_are_roll_pitch_yaw(yaw, pitch, roll):
    space = OSC_SPACES["unreal"]
    rotation = space.rotation(yaw_pitch_roll(yaw, pitch, roll))
    np.testing.assert_allclose(
        rotator_axes(*space.euler_deg(rotation)), matrix(rotation), atol=2e-3
    )


def test_the_source_is_left_alone():
    rotations = np.tile(turn("x", 30).astype(np.float32), (3, 1))
    before = rotations.copy()
    for space in OSC_SPACES.values():
        space.rotation(rotations)
    np.testing.assert_array_equal(rotations, before)
