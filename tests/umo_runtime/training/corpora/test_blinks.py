import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.corpora.blinks import MIN_INTERVAL_S, blink_phase, blink_times


def test_rate_is_that_of_people() -> None:
    onsets = blink_times(3600.0, np.arange(0.0, 3600.0, 4.0), np.random.default_rng(0))
    assert 15 < len(onsets) / 60 < 19


@given(st.integers(0, 1000), st.floats(0.0, 60.0))
def test_blinks_are_ordered_inside_and_apart(seed: int, duration_s: float) -> None:
    ends = np.arange(1.0, duration_s, 2.5)
    onsets = blink_times(duration_s, ends, np.random.default_rng(seed))
    assert ((onsets >= 0) & (onsets < duration_s)).all()
    assert (np.diff(onsets) >= MIN_INTERVAL_S).all()


def test_phrase_ends_draw_blinks() -> None:
    ends = np.arange(3.0, 3600.0, 6.0)
    onsets = blink_times(3600.0, ends, np.random.default_rng(1))
    assert np.isin(onsets, ends).mean() > 0.1


def test_phase_runs_from_each_blink_and_is_one_elsewhere() -> None:
    phase = blink_phase(np.array([1.0]), np.array([0.0, 0.99, 1.0, 1.14, 1.28, 5.0]))
    np.testing.assert_allclose(phase, [1, 1, 0, 0.5, 1, 1], atol=1e-6)
    assert (blink_phase(np.array([]), np.arange(3.0)) == 1).all()


@pytest.mark.parametrize("seed", [0, 7])
def test_same_seed_same_blinks(seed: int) -> None:
    first, second = (blink_times(60, np.array([2.0]), np.random.default_rng(seed)) for _ in "ab")
    np.testing.assert_array_equal(first, second)
