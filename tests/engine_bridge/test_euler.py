import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine_bridge.euler import to_yxz, to_zxy
from tests.engine_bridge.bridge_frames import matrix, turn
from tests.engine_bridge.bvh_reader import about

REST = np.zeros(3)
X, Y, Z = 0, 1, 2


def unit(values):
    length = np.linalg.norm(values)
    return values / length if length > 1e-3 else np.array([0, 0, 0, 1.0])


rotations = arrays(np.float64, 4, elements=st.floats(-1, 1)).map(unit)
near_singular = st.builds(
    lambda sign, offset: turn("x", sign * 90 + offset),
    st.sampled_from([-1, 1]),
    st.floats(-0.1, 0.1),
)


def compose_zxy(angles):
    return about(Z, angles[Z]) @ about(X, angles[X]) @ about(Y, angles[Y])


def compose_yxz(angles):
    return about(Y, angles[Y]) @ about(X, angles[X]) @ about(Z, angles[Z])


@given(rotations | near_singular, arrays(np.float64, 3, elements=st.floats(-10, 10)))
def test_zxy_composes_to_the_rotation_wherever_it_continues_from(rotation, previous):
    angles = to_zxy(rotation.astype(np.float32), previous)
    np.testing.assert_allclose(compose_zxy(angles), matrix(rotation), atol=2e-5)


@given(rotations | near_singular)
def test_yxz_composes_to_the_rotation(rotation):
    angles = to_yxz(rotation.astype(np.float32))
    np.testing.assert_allclose(compose_yxz(angles), matrix(rotation), atol=2e-5)
    assert abs(angles[X]) <= np.pi / 2 + 1e-9


@given(rotations, arrays(np.float64, 3, elements=st.floats(-10, 10)))
def test_zxy_stays_within_half_a_turn(rotation, previous):
    steps = np.abs(to_zxy(rotation.astype(np.float32), previous) - previous)
    assert steps.max() <= np.pi + 1e-6


def test_turns_about_one_axis():
    for axis, name in enumerate("xyz"):
        expected = np.zeros(3)
        expected[axis] = np.radians(40)
        single = turn(name, 40).astype(np.float32)
        np.testing.assert_allclose(to_zxy(single, REST), expected, atol=1e-6)
        np.testing.assert_allclose(to_yxz(single), expected, atol=1e-6)


def test_both_signs_of_a_quaternion_are_one_rotation():
    rotation = unit(np.array([0.1, 0.5, -0.3, 0.7])).astype(np.float32)
    np.testing.assert_array_equal(to_zxy(rotation, REST), to_zxy(-rotation, REST))


def test_rotations_are_independent_of_one_another():
    stack = np.stack([turn("x", 90), turn("y", 20), turn("z", 170)]).astype(np.float32)
    previous = np.arange(9).reshape(3, 3) / 3
    together = to_zxy(stack, previous)
    alone = [to_zxy(one, before) for one, before in zip(stack, previous, strict=True)]
    np.testing.assert_array_equal(together, alone)


@given(rotations | near_singular, st.floats(0.996, 1.004))
def test_a_length_that_is_slightly_off_changes_nothing(rotation, length):
    angles = to_yxz((rotation * length).astype(np.float32))
    np.testing.assert_allclose(compose_yxz(angles), matrix(rotation), atol=2e-5)
