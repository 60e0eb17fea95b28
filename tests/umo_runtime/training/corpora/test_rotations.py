import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.skeleton import rotate
from umo_runtime.training.corpora.rotations import (
    about_y,
    aim,
    conjugate,
    continuous,
    from_matrix,
    from_rotation_vector,
    normalize,
    slerp,
    to_rotation_vector,
    yaw_of,
)

vectors = st.tuples(*[st.floats(-1.7, 1.7)] * 3).map(lambda v: np.array(v, np.float32))


@given(vectors)
def test_rotation_vectors_survive_the_round_trip(vector: np.ndarray) -> None:
    np.testing.assert_allclose(to_rotation_vector(from_rotation_vector(vector)), vector, atol=2e-3)


@given(vectors)
def test_a_quaternion_of_its_matrix_is_itself(vector: np.ndarray) -> None:
    turn = from_rotation_vector(vector)
    matrix = rotate(np.broadcast_to(turn, (3, 4)), np.eye(3, dtype=np.float32)).T
    assert abs(float(from_matrix(matrix) @ turn)) > 1 - 1e-5


def test_half_turns_have_a_quaternion_too() -> None:
    for axis in np.eye(3, dtype=np.float32):
        turn = from_rotation_vector(axis * np.float32(np.pi))
        matrix = rotate(np.broadcast_to(turn, (3, 4)), np.eye(3, dtype=np.float32)).T
        assert abs(float(from_matrix(matrix) @ turn)) > 1 - 1e-5


@given(vectors, vectors, st.floats(0, 1))
def test_slerp_divides_the_angle(start: np.ndarray, end: np.ndarray, phase: float) -> None:
    a, b = from_rotation_vector(start), from_rotation_vector(end)
    whole = np.arccos(min(1.0, abs(float(a @ b))))
    part = np.arccos(min(1.0, abs(float(a @ slerp(a, b, phase)))))
    assert abs(part - phase * whole) < 2e-3


def test_slerp_of_equal_and_opposite_signs_stays() -> None:
    turn = from_rotation_vector(np.array([0.3, 0.2, 0.1], np.float32))
    np.testing.assert_allclose(slerp(turn, -turn, 0.4), turn, atol=1e-6)


def test_aim_points_x_and_keeps_y_up() -> None:
    direction, up = np.array([1, 1, 0], np.float32), np.array([0, 1, 0], np.float32)
    turn = aim(direction, up)
    np.testing.assert_allclose(
        rotate(turn, np.array([1, 0, 0], np.float32)), normalize(direction), atol=1e-6
    )
    assert rotate(turn, up) @ up > 0.7


def test_conjugate_undoes_and_headings_are_read_back() -> None:
    turn = about_y(0.7)
    ahead = rotate(turn, np.array([0, 0, 1], np.float32))
    assert abs(float(yaw_of(ahead)) - 0.7) < 1e-6
    np.testing.assert_allclose(rotate(conjugate(turn), ahead), [0, 0, 1], atol=1e-6)


def test_continuous_flips_signs_only() -> None:
    turns = np.stack([about_y(angle) for angle in np.linspace(0, 1, 8)])
    flipped = turns * np.array([1, -1, 1, 1, -1, -1, 1, -1], np.float32)[:, None]
    np.testing.assert_allclose(continuous(flipped), turns, atol=1e-6)
