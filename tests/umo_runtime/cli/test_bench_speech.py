import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.cli.bench_fakes import mouth_at, rehearsal_of
from umo_runtime.cli.bench_match import Arrivals, first_moving_s, needed_samples, shut_s
from umo_runtime.cli.bench_speech import as_s16, load_speech, onsets

PERIOD_SAMPLES = 16_000 / 30


def test_onsets_are_where_the_shipped_speech_begins_after_its_pauses() -> None:
    speech = load_speech()
    found = np.array(onsets(speech)) / 16_000
    # its README: 0.3 s of silence before, then five lines with pauses between them
    assert abs(found[0] - 0.3) < 0.05
    assert len(found) >= 5
    for onset in found:
        start = round(onset * 16_000)
        quiet, loud = speech[start - 1600 : start - 160], speech[start : start + 800]
        assert np.square(loud).mean() > 30 * np.square(quiet).mean()


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_onsets_of_tones_and_pauses(pattern: list[bool]) -> None:
    tone = 0.1 * np.sin(np.arange(3200) * 0.3).astype(np.float32)
    speech = np.concatenate([tone * is_loud for is_loud in pattern])
    expected = [
        3200 * place
        for place, is_loud in enumerate(pattern)
        if is_loud and not (place and pattern[place - 1])
    ]
    assert onsets(speech) == expected


def test_samples_travel_as_int16() -> None:
    sent = np.frombuffer(as_s16(np.array([0, 0.5, -1, 1, 3], np.float32)), "<i2")
    assert sent.tolist() == [0, 16384, -32768, 32767, 32767]


@given(st.floats(0.0, 1.5), st.integers(20, 40), st.floats(0, 0.003), st.integers(0, 9))
@settings(max_examples=20)
def test_a_mouth_tells_its_time_within_a_millisecond(
    start_s: float, frames: int, noise: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    times_s = start_s + np.arange(frames) / 30
    mouths = np.array([mouth_at(time_s) for time_s in times_s])
    mouths += random.uniform(-noise, noise, mouths.shape).astype(np.float32)
    needed = needed_samples(mouths, rehearsal_of(3.5))
    known = ~np.isnan(needed)
    assert known.sum() >= frames - 8 - 4
    np.testing.assert_allclose((needed / 16_000 - 7 / 120)[known], times_s[known], atol=1e-3)


@pytest.mark.parametrize("mouths", [np.zeros((30, 29)), np.full((30, 29), 0.9), np.zeros((3, 29))])
def test_mouths_of_nothing_tell_no_time(mouths: np.ndarray) -> None:
    assert np.isnan(needed_samples(mouths.astype(np.float32), rehearsal_of(3.5))).all()


def arrivals(openness: list[float]) -> Arrivals:
    """One frame a second."""
    mouths = np.outer(openness, np.ones(29)).astype(np.float32)
    return Arrivals(np.arange(len(openness), dtype=float), mouths)


@pytest.mark.parametrize(
    ("openness", "expected"),
    [
        ([0.3, 0.3, 0.2, 0.0, 0.0], 3.0),
        ([0.3, 0.3, 0.0, 0.2, 0.04], 4.0),  # opened once more
        ([0.3, 0.0, 0.0, 0.0, 0.0], 1.0),
        ([0.3, 0.3, 0.3, 0.3, 0.05], None),
        ([0.3], None),
    ],
)
def test_a_mouth_is_shut_when_it_stays_so(openness: list[float], expected: float | None) -> None:
    assert shut_s(arrivals(openness), after_s=0.0) == expected


@pytest.mark.parametrize(
    ("openness", "expected"),
    [([0.0, 0.0, 0.04, 0.05], 3.0), ([0.3, 0.0, 0.3], 2.0), ([0.3, 0.0], None)],
)
def test_a_mouth_moves_first(openness: list[float], expected: float | None) -> None:
    assert first_moving_s(arrivals(openness), after_s=0.5) == expected
