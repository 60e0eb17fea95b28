import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.interpolator.blink import BLINK_DURATION_S, lid_closure
from umo_runtime.interpolator.eyelids import LONGEST_GAP_S, SHORTEST_GAP_S, blink
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

KEYFRAME_S = FRAMES_PER_KEYFRAME / FRAME_RATE_HZ


def _closures(begins_s: list[float], length_s: float, since_s: float = 3.0) -> "np.ndarray":
    """Lid closure [T] at 30 fps while keyframes tell of blinks that begin at given times."""
    keys = np.arange(int(length_s / KEYFRAME_S) + 2) * KEYFRAME_S
    phases = np.ones(len(keys), np.float32)
    for begin_s in begins_s:
        phase = (keys - begin_s) / BLINK_DURATION_S
        phases = np.where((phase >= 0) & (phase < 1), phase, phases).astype(np.float32)
    since, closures = torch.full((1, 1), since_s), []
    for frame in range(int(length_s * FRAME_RATE_HZ)):
        at = torch.full((1, 1), frame % FRAMES_PER_KEYFRAME / FRAMES_PER_KEYFRAME)
        following = torch.full((1, 1), float(phases[frame // FRAMES_PER_KEYFRAME + 1]))
        closure, since = blink(since, following, at)
        closures.append(float(closure))
    return np.array(closures)


def _beginnings_s(closures: "np.ndarray") -> "np.ndarray":
    shut = closures > 0.5
    return np.flatnonzero(shut[1:] & ~shut[:-1]) / FRAME_RATE_HZ


@given(st.floats(0.05, 0.9))
def test_a_blink_is_the_blink_that_was_meant(begin_s: float) -> None:
    times = np.arange(int(1.5 * FRAME_RATE_HZ)) / FRAME_RATE_HZ
    expected = lid_closure((times - begin_s) / BLINK_DURATION_S)
    np.testing.assert_allclose(_closures([begin_s], 1.5), expected, atol=1e-4)


@given(st.floats(0.05, 0.9))
def test_no_blink_is_lost_at_thirty_frames_a_second(begin_s: float) -> None:
    closures = _closures([begin_s], 1.5)
    assert closures.max() > 0.85
    assert 3 <= (closures > 0.5).sum() <= 6
    assert len(_beginnings_s(closures)) == 1


def test_a_blink_too_soon_after_another_is_left_out() -> None:
    assert len(_beginnings_s(_closures([0.2, 1.0], 3.0))) == 1
    assert len(_beginnings_s(_closures([0.2, 0.3 + SHORTEST_GAP_S], 4.0))) == 2


def test_eyes_blink_by_themselves_in_the_end() -> None:
    gaps = np.diff(_beginnings_s(_closures([], 21.0)))
    assert len(gaps) >= 3
    np.testing.assert_allclose(gaps, LONGEST_GAP_S, atol=0.1)


@pytest.mark.parametrize("phase", [0.95, 1.0, 1.3])
def test_open_eyes_stay_open(phase: float) -> None:
    since, following = torch.full((9, 1), 1.0), torch.full((9, 1), phase)
    closure, _ = blink(since, following, torch.linspace(0, 1, 9)[:, None])
    assert not closure.any()


@given(st.lists(st.floats(-2, 3), min_size=30, max_size=30))
def test_no_keyframe_breaks_the_lids(phases: list[float]) -> None:
    since = torch.ones(1, 1)
    for phase in phases:
        closure, since = blink(since, torch.full((1, 1), phase), torch.zeros(1, 1))
        assert 0 <= closure <= 1
        assert 0 <= since <= LONGEST_GAP_S + 1 / FRAME_RATE_HZ
