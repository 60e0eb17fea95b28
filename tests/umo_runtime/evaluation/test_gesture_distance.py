import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.evaluation.bodies import body, restless
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.gesture_distance import frechet_distance, gesture_distance, latents
from umo_runtime.evaluation.gesture_encoder import GestureEncoder

SEEDS = st.integers(0, 2**16)


def cloud(seed: int, size: int = 40, width: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((size, width)) @ rng.standard_normal((width, width))


@given(SEEDS, st.floats(-3, 3))
def test_a_shift_costs_its_square(seed: int, shift: float) -> None:
    points = cloud(seed)
    assert frechet_distance(points + shift, points) == pytest.approx(5 * shift**2, abs=1e-6)


@given(SEEDS, st.floats(0.1, 3))
def test_a_wider_spread_costs_the_difference_of_deviations(seed: int, factor: float) -> None:
    points = cloud(seed) - cloud(seed).mean(axis=0)
    expected = (factor - 1) ** 2 * np.trace(np.cov(points.T))
    assert frechet_distance(factor * points, points) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(SEEDS)
def test_it_is_symmetric(seed: int) -> None:
    a, b = cloud(seed), cloud(seed + 1, size=60)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6)


def test_recordings_are_pooled_by_windows(encoder: GestureEncoder) -> None:
    made = [restless(52, 0), restless(72, 1)]
    figures = gesture_distance(made, [restless(200, 2)], encoder)
    assert figures["fgd_num_windows"] == 6 + 11
    assert figures["fgd_num_real_windows"] == 43
    assert figures["fgd"] > 0


def test_the_same_motion_is_at_no_distance(encoder: GestureEncoder) -> None:
    made = [restless(200, seed) for seed in range(2)]
    assert gesture_distance(made, made, encoder)["fgd"] == pytest.approx(0, abs=1e-5)


def test_too_little_motion_is_refused(encoder: GestureEncoder) -> None:
    with pytest.raises(CorpusError, match="1 windows of motion"):
        latents([body(32)], encoder)
