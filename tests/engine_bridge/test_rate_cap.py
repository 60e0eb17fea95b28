import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import RateCap


def count(max_fps, fps, num_frames):
    cap = RateCap(max_fps)
    return sum(cap.admits(index / fps) for index in range(num_frames))


@pytest.mark.parametrize(
    ("max_fps", "fps", "expected"),
    [
        (30, 60, 300),
        (60, 60, 600),
        (30, 30, 600),
        (240, 30, 600),
        (20, 60, 200),
        (math.inf, 1, 600),
    ],
)
def test_rate(max_fps, fps, expected):
    assert count(max_fps, fps, 600) == expected


@given(st.floats(1, 240), st.floats(1, 240))
def test_never_more_than_the_cap(max_fps, fps):
    num_seconds = 5
    assert count(max_fps, fps, int(num_seconds * fps)) <= max_fps * num_seconds + 1


def test_a_new_utterance_begins_at_once():
    cap = RateCap(30)
    assert cap.admits(3.0)
    assert cap.admits(0.0)


def test_a_time_that_is_not_finite_passes():
    assert RateCap(30).admits(math.nan)
