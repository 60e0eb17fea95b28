import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.evaluation.results import Results

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=5)


@given(VALUES)
def test_every_figure_has_the_mean_and_the_deviation_of_its_seeds(values: list[float]) -> None:
    results = Results.over_seeds({"model": [{"fgd": value} for value in values]})
    assert results.mean["model"]["fgd"] == pytest.approx(statistics.mean(values), abs=1e-9)
    assert results.sd["model"]["fgd"] == pytest.approx(statistics.stdev(values), abs=1e-9)


def test_one_seed_is_handed_on_as_it_is() -> None:
    figures = {"jaw_lag": 0, "fgd": math.nan}
    results = Results.over_seeds({"model": [figures], "still": [{}]})
    assert results == Results({"model": figures, "still": {}})
    assert type(results.mean["model"]["jaw_lag"]) is int


def test_who_has_one_seed_has_no_deviation() -> None:
    results = Results.over_seeds({"model": [{"fgd": 1.0}, {"fgd": 3.0}], "still": [{"fgd": 5.0}]})
    assert (results.mean["still"]["fgd"], results.sd["model"]["fgd"]) == (5, 2**0.5)
    assert math.isnan(results.sd["still"]["fgd"])


@pytest.mark.parametrize(
    ("values", "mean", "sd"),
    [
        ((2.0, math.nan, 4.0), 3.0, 2**0.5),
        ((2.0, math.nan), 2.0, math.nan),
        ((math.nan, math.nan), math.nan, math.nan),
    ],
)
def test_seeds_that_cannot_say_a_figure_are_left_out(
    values: tuple[float, ...], mean: float, sd: float
) -> None:
    results = Results.over_seeds({"model": [{"blink_ms": value} for value in values]})
    assert results.mean["model"]["blink_ms"] == pytest.approx(mean, nan_ok=True)
    assert results.sd["model"]["blink_ms"] == pytest.approx(sd, nan_ok=True)
