import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.corpora.saccades import gaze


@given(st.integers(0, 1000), st.integers(0, 900))
def test_gaze_jumps_on_keyframes_only(seed: int, num_frames: int) -> None:
    looked = gaze(num_frames, np.array([1.0, 9.0]), np.random.default_rng(seed))
    assert looked.shape == (num_frames, 2)
    jumps = np.flatnonzero((np.diff(looked, axis=0) != 0).any(axis=1)) + 1
    assert (jumps % 4 == 0).all()
    fixations = np.diff(jumps)
    assert ((fixations >= 16) & (fixations <= 88)).all()


def test_amplitudes_are_small() -> None:
    degrees = np.rad2deg(gaze(30_000, np.arange(0.0, 1000.0, 8.0), np.random.default_rng(0)))
    assert (np.abs(degrees[:, 0]) < 8).mean() > 0.9
    assert (np.abs(degrees[:, 1]) <= 5).mean() > 0.99
    assert np.abs(degrees.mean(axis=0)).max() < 1


def test_speakers_look_away_when_they_begin() -> None:
    starts = np.arange(2.0, 3000.0, 6.0)
    yaw = np.abs(gaze(90_000, starts, np.random.default_rng(0))[:, 0])
    at_start = yaw[((starts + 0.3) * 30).astype(int)]
    assert at_start.mean() > 1.3 * yaw.mean()
