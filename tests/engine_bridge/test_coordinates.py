import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.coordinates import to_unity_position, to_unity_rotation
from tests.engine_bridge.bridge_frames import matrix, turn

MIRROR = np.diag([-1.0, 1.0, 1.0])
angles = st.floats(-180, 180)
coordinates = st.floats(-10, 10, width=32)


def test_left_becomes_minus_x_and_forward_stays_plus_z():
    assert to_unity_position(np.float32([1, 2, 3])).tolist() == [-1, 2, 3]


@given(st.sampled_from("xyz"), angles, st.tuples(coordinates, coordinates, coordinates))
def test_turning_then_mirroring_is_mirroring_then_turning(axis, degrees, point):
    rotation = turn(axis, degrees)
    turned_then_mirrored = to_unity_position(matrix(rotation) @ point)
    mirrored_then_turned = matrix(to_unity_rotation(rotation)) @ to_unity_position(np.array(point))
    np.testing.assert_allclose(turned_then_mirrored, mirrored_then_turned, atol=1e-5)


@given(st.sampled_from("xyz"), angles)
def test_the_mirrored_matrix_is_the_conjugate(axis, degrees):
    rotation = turn(axis, degrees)
    expected = MIRROR @ matrix(rotation) @ MIRROR
    np.testing.assert_allclose(matrix(to_unity_rotation(rotation)), expected, atol=1e-6)
