import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.corpora.min_jerk import PEAK_SPEED, min_jerk, onsets, postures


def test_a_move_starts_and_ends_at_rest_and_is_fastest_in_the_middle() -> None:
    course = min_jerk(np.linspace(-0.5, 1.5, 2001))
    assert course[0] == course[500] == 0
    assert course[1500] == course[-1] == 1
    speed = np.gradient(course, 0.001)
    np.testing.assert_allclose(speed.max(), PEAK_SPEED, rtol=1e-3)
    assert 990 < speed.argmax() < 1010


def test_postures_are_held_between_moves() -> None:
    targets = np.array([[0.0, 1.0], [2.0, 1.0], [-1.0, 3.0]])
    track = postures(120, np.array([1.0, 2.5]), np.array([0.5, 1.0]), targets)
    assert track.shape == (120, 2)
    np.testing.assert_allclose(track[:30], np.tile(targets[0], (30, 1)))
    np.testing.assert_allclose(track[46:75], np.tile(targets[1], (29, 1)), atol=1e-6)
    np.testing.assert_allclose(track[106:], np.tile(targets[2], (14, 1)), atol=1e-6)


@given(frames=st.integers(1, 3000), seed=st.integers(0, 2**32))
def test_onsets_keep_their_distances(frames: int, seed: int) -> None:
    times = onsets(frames, (6.0, 15.0), np.random.default_rng(seed))
    assert (np.diff(times) >= 6.0 - 1e-3).all()
    assert (np.diff(times) <= 15.0 + 1e-3).all()
    assert ((times >= 0) & (times < frames / 30)).all()
    assert frames / 30 - (times[-1] if len(times) else 0) <= 15.0 + 1e-3
