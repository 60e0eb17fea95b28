import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor

from umo_runtime.nn.rotation import (
    conjugate,
    cross,
    limit_turn,
    matrix_from_6d,
    multiply,
    quaternion_from_matrix,
    rotate,
    shortest_arc,
    six_from_quaternion,
)

TOLERANCE = 2e-6
seeds = st.integers(0, 2**31)


def _quaternions(seed: int, rows: int = 8) -> Tensor:
    return F.normalize(torch.randn(rows, 4, generator=torch.Generator().manual_seed(seed)), dim=-1)


def _directions(seed: int, rows: int = 8) -> Tensor:
    return F.normalize(torch.randn(rows, 3, generator=torch.Generator().manual_seed(seed)), dim=-1)


def _scipy(q: Tensor) -> Rotation:
    return Rotation.from_quat(q.double().numpy())


def _angle(a: Tensor, b: Tensor) -> Tensor:
    """Angle in radians between the rotations of two quaternions, in double precision."""
    relative = multiply(conjugate(a.double()), b.double())
    return 2 * torch.atan2(relative[..., :3].norm(dim=-1), relative[..., 3].abs())


def _about(axis: int, angle_rad: float) -> Tensor:
    q = torch.zeros(4)
    q[axis], q[3] = math.sin(angle_rad / 2), math.cos(angle_rad / 2)
    return q


def _assert_same_rotation(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(_angle(a, b), torch.zeros(a.shape[:-1]).double(), atol=1e-5, rtol=0)


@given(seeds)
def test_multiply_and_rotate_agree_with_scipy(seed: int) -> None:
    a, b, vector = _quaternions(seed), _quaternions(seed + 1), torch.randn(8, 3)
    product = (_scipy(a) * _scipy(b)).as_matrix()
    np.testing.assert_allclose(_scipy(multiply(a, b)).as_matrix(), product, atol=TOLERANCE)
    turned = _scipy(a).apply(vector.double().numpy())
    np.testing.assert_allclose(rotate(a, vector).numpy(), turned, atol=1e-5)


@given(seeds)
def test_conjugate_undoes(seed: int) -> None:
    q, vector = _quaternions(seed), _directions(seed)
    torch.testing.assert_close(rotate(conjugate(q), rotate(q, vector)), vector)


@given(seeds)
def test_cross_is_the_cross_product(seed: int) -> None:
    a, b = _directions(seed), _directions(seed + 1)
    torch.testing.assert_close(cross(a, b), torch.linalg.cross(a, b))


@given(seeds)
def test_six_values_are_the_first_two_columns(seed: int) -> None:
    q = _quaternions(seed)
    matrix = _scipy(q).as_matrix()
    six = np.concatenate((matrix[..., 0], matrix[..., 1]), axis=-1)
    np.testing.assert_allclose(six_from_quaternion(q).numpy(), six, atol=TOLERANCE)
    np.testing.assert_allclose(
        matrix_from_6d(six_from_quaternion(q)).numpy(), matrix, atol=TOLERANCE
    )


@given(seeds)
def test_any_six_values_give_a_rotation(seed: int) -> None:
    matrix = matrix_from_6d(torch.randn(8, 6, generator=torch.Generator().manual_seed(seed)))
    torch.testing.assert_close(matrix @ matrix.mT, torch.eye(3).expand(8, 3, 3), atol=1e-4, rtol=0)
    torch.testing.assert_close(torch.linalg.det(matrix), torch.ones(8), atol=1e-4, rtol=0)


def test_degenerate_six_values_stay_finite_and_unit() -> None:
    parallel = torch.tensor([1.0, 2.0, 3.0, 2.0, 4.0, 6.0])
    six = torch.stack((torch.zeros(6), parallel, torch.full((6,), 1e-9))).requires_grad_()
    q = quaternion_from_matrix(matrix_from_6d(six))
    torch.testing.assert_close(q.norm(dim=-1), torch.ones(3))
    q.sum().backward()
    assert six.grad is not None
    assert six.grad.isfinite().all()


@given(seeds)
def test_quaternion_to_matrix_and_back(seed: int) -> None:
    q = _quaternions(seed)
    back = quaternion_from_matrix(matrix_from_6d(six_from_quaternion(q)))
    torch.testing.assert_close(back.norm(dim=-1), torch.ones(8))
    _assert_same_rotation(back, q)


@pytest.mark.parametrize("largest", range(4))
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_every_formula_of_quaternion_from_matrix(largest: int, sign: float) -> None:
    q = torch.tensor([[0.1, -0.2, 0.3, 0.15], [0.0, 0.0, 0.0, 0.0]])
    q[:, largest] = sign
    q = F.normalize(q, dim=-1)
    matrix = torch.from_numpy(_scipy(q).as_matrix()).float()
    _assert_same_rotation(quaternion_from_matrix(matrix), q)


def test_quaternion_from_matrix_has_a_gradient_everywhere() -> None:
    for q in (_about(0, math.pi), _about(1, math.pi), _about(2, math.pi), _about(0, 0.0)):
        six = six_from_quaternion(q).requires_grad_()
        quaternion_from_matrix(matrix_from_6d(six)).sum().backward()
        assert six.grad is not None
        assert six.grad.isfinite().all()


@given(seeds)
def test_shortest_arc_turns_one_direction_into_the_other(seed: int) -> None:
    start, end = _directions(seed), _directions(seed + 1)
    arc = shortest_arc(start, end)
    torch.testing.assert_close(rotate(arc, start), end, atol=1e-4, rtol=0)
    between = torch.atan2(cross(start, end).norm(dim=-1), (start * end).sum(dim=-1))
    torch.testing.assert_close(_angle(arc, torch.tensor((0.0, 0.0, 0.0, 1.0))).float(), between)


def test_shortest_arc_of_equal_directions_is_the_identity() -> None:
    start = _directions(0)
    identity = torch.tensor((0.0, 0.0, 0.0, 1.0)).expand(8, 4)
    torch.testing.assert_close(shortest_arc(start, start), identity)
    assert shortest_arc(start, -start).isfinite().all()


@given(seeds, st.floats(1e-3, 1.5))
def test_limit_turn_keeps_to_the_bound_and_to_the_way(seed: int, bound_rad: float) -> None:
    previous, following = _quaternions(seed), _quaternions(seed + 1)
    turned = limit_turn(previous, following, bound_rad)
    torch.testing.assert_close(turned.norm(dim=-1), torch.ones(8))
    wanted, taken = _angle(previous, following), _angle(previous, turned)
    torch.testing.assert_close(taken, wanted.clamp(max=bound_rad), atol=1e-5, rtol=0)
    torch.testing.assert_close(taken + _angle(turned, following), wanted, atol=1e-5, rtol=0)


@given(seeds)
def test_limit_turn_ignores_the_sign_of_a_quaternion(seed: int) -> None:
    previous, following = _quaternions(seed), _quaternions(seed + 1)
    turned, flipped = (limit_turn(previous, sign * following, 0.3) for sign in (1, -1))
    torch.testing.assert_close(turned, flipped)
    assert ((turned * previous).sum(dim=-1) >= 0).all()  # no sign change along a stream


@pytest.mark.parametrize("angle_rad", [0.0, 1e-8, 1e-6, 1e-4])
def test_limit_turn_is_exact_for_nearly_equal_rotations(angle_rad: float) -> None:
    previous = _quaternions(0)
    following = multiply(_about(1, angle_rad), previous)
    turned = limit_turn(previous, following, 0.5)
    torch.testing.assert_close(turned, following)


def test_limit_turn_of_a_half_turn_is_finite() -> None:
    turned = limit_turn(_about(0, 0.0), _about(1, math.pi), 0.2)
    torch.testing.assert_close(turned.abs(), _about(1, 0.2))
