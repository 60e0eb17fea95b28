import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.umo_runtime.predictor.tiny_networks import poses_near_rest
from umo_runtime.interpolator.body import BODY_DIM, body_values, hermite
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES, VALUE_DIMS


def test_values_and_velocities_of_the_layout() -> None:
    pose = torch.arange(POSE_DIM, dtype=torch.float32)
    values, velocities = body_values(pose)
    assert values.shape == velocities.shape == (BODY_DIM,)
    start = 0
    for region in BODY_REGIONS:
        dim, first = VALUE_DIMS[region], REGION_SLICES[region].start
        assert values[start : start + dim].tolist() == list(range(first, first + dim))
        assert torch.equal(velocities[start : start + dim], values[start : start + dim] + dim)
        start += dim
    assert values.max() < REGION_SLICES[Region.FACE].start


def test_curve_runs_through_both_keyframes_with_their_velocities() -> None:
    previous, following = (poses_near_rest(3, seed).double() for seed in (0, 1))
    for pose, at in ((previous, 0.0), (following, 1.0)):
        before, value, after = (
            hermite(previous, following, torch.tensor([at + step], dtype=torch.float64))
            for step in (-1e-5, 0.0, 1e-5)
        )
        values, velocities = body_values(pose)
        torch.testing.assert_close(value, values)
        torch.testing.assert_close((after - before) / 2e-5, velocities, atol=1e-6, rtol=1e-6)


@given(st.integers(0, 99), st.floats(0, 1))
def test_curve_repeats_any_cubic(seed: int, at: float) -> None:
    a, b, c, d = torch.randn(
        4, BODY_DIM, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )

    def pose(p: float) -> Tensor:
        value, speed = a + b * p + c * p**2 + d * p**3, b + 2 * c * p + 3 * d * p**2
        parts, start = [], 0
        for region in BODY_REGIONS:
            place = slice(start, start + VALUE_DIMS[region])
            parts += [value[place], speed[place]]
            start = place.stop
        return torch.cat((*parts, torch.zeros(VALUE_DIMS[Region.FACE])))

    between = hermite(pose(0.0), pose(1.0), torch.tensor([at], dtype=torch.float64))
    torch.testing.assert_close(between, body_values(pose(at))[0])
