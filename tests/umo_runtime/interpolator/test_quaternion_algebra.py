import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.interpolator.quaternion_algebra import QuaternionAlgebra, turn_towards, unit
from umo_runtime.nn import rotation

ALGEBRA = QuaternionAlgebra()
TOLERANCE = 3e-6
seeds = st.integers(0, 2**31)


def _normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _quaternions(seed: int) -> Tensor:
    return F.normalize(_normal(seed, 8, 5, 4), dim=-1)


@given(seeds)
def test_products_and_turns_are_those_of_nn_rotation(seed: int) -> None:
    a, b, vector = _quaternions(seed), _quaternions(seed + 1), _normal(seed, 8, 5, 3)
    product, turned = ALGEBRA.multiply(a, b), ALGEBRA.rotate(a, vector)
    torch.testing.assert_close(product, rotation.multiply(a, b), atol=TOLERANCE, rtol=0)
    torch.testing.assert_close(turned, rotation.rotate(a, vector), atol=2e-5, rtol=0)


@given(seeds)
def test_arcs_are_those_of_nn_rotation(seed: int) -> None:
    start, end = F.normalize(_normal(seed, 2, 8, 3), dim=-1)
    arc = ALGEBRA.shortest_arc(3 * start, 0.2 * end)  # of any length
    torch.testing.assert_close(ALGEBRA.rotate(arc, start), end, atol=1e-4, rtol=0)


@given(seeds, st.sampled_from([1e-3, 1.0, 1e3]))
def test_6d_rotations_are_those_of_nn_rotation(seed: int, scale: float) -> None:
    six = scale * _normal(seed, 8, 5, 6)
    expected = rotation.quaternion_from_matrix(rotation.matrix_from_6d(six))
    same = (ALGEBRA.from_six(six) * expected).sum(dim=-1).abs()
    torch.testing.assert_close(same, torch.ones(8, 5), atol=1e-5, rtol=0)


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("angle_rad", [0.0, 1e-3, math.pi / 2, math.pi - 1e-3, math.pi])
def test_half_turns_are_as_exact_as_any(axis: int, angle_rad: float) -> None:
    q = torch.zeros(4)
    q[axis], q[3] = math.sin(angle_rad / 2), math.cos(angle_rad / 2)
    again = ALGEBRA.from_six(rotation.six_from_quaternion(q))
    torch.testing.assert_close(again, q, atol=1e-6, rtol=0)


@given(seeds, st.floats(1e-3, 3.0), st.floats(1e-4, 1.0))
def test_turns_stop_at_their_bound_and_arrive_within_it(
    seed: int, most_rad: float, distance: float
) -> None:
    start = _quaternions(seed)
    end = F.normalize(start + distance * _normal(seed + 1, 8, 5, 4), dim=-1)
    most = torch.full((8, 5, 1), most_rad)
    expected = rotation.limit_turn(start, end, most)
    out = turn_towards(start, end, most)
    torch.testing.assert_close(out, expected, atol=TOLERANCE, rtol=0)
    torch.testing.assert_close(turn_towards(start, -end, most), out)
    torch.testing.assert_close(out.norm(dim=-1), torch.ones(8, 5))


def test_nothing_to_turn_is_exact() -> None:
    q = _quaternions(0)
    assert torch.equal(turn_towards(q, q, torch.full((8, 5, 1), 0.1)), q)


def test_vectors_next_to_zero_stay_finite() -> None:
    assert unit(torch.zeros(2, 3)).isfinite().all()
    assert ALGEBRA.from_six(torch.zeros(2, 6)).isfinite().all()
