import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.corpora.looks import Look, head_course, lead_with_eyes, look_around


@given(frames=st.integers(1, 2400), seed=st.integers(0, 2**32))
def test_looks_begin_on_keyframes_and_come_back(frames: int, seed: int) -> None:
    looks = look_around(frames, np.random.default_rng(seed))
    assert all(look.frame % 4 == 0 for look in looks)
    assert all(0 <= look.frame <= frames for look in looks)
    gaps = np.diff([look.frame for look in looks])
    assert (gaps >= 24).all()
    for aside, ahead in zip(looks[::2], looks[1::2], strict=False):
        assert 0.2 < abs(aside.yaw_rad) < 0.75
        assert abs(ahead.yaw_rad) < abs(aside.yaw_rad) + 0.1


def test_both_sides_are_looked_at() -> None:
    yaws = [k.yaw_rad for seed in range(9) for k in look_around(1200, np.random.default_rng(seed))]
    aside = np.array(yaws)[np.abs(yaws) > 0.2]
    assert 0.3 < (aside > 0).mean() < 0.7


def test_eyes_jump_and_the_head_follows() -> None:
    looks = (Look(20, 0.5, -0.1), Look(80, 0.0, 0.0))
    head, gaze = head_course(looks, 120), np.zeros((120, 2), np.float32)
    lead_with_eyes(gaze, looks)
    assert not gaze[:20].any()
    assert not head[:23].any()
    assert 0.2 < gaze[20, 0] < 0.3  # as far as eyes go
    jumps = np.flatnonzero(np.abs(np.diff(gaze, axis=0)).any(axis=1)) + 1
    assert jumps.tolist() == [20, 36, 80, 96]
    assert (jumps % 4 == 0).all()
    np.testing.assert_allclose(head[60] + gaze[60], (0.5, -0.1), atol=1e-5)
    np.testing.assert_allclose(head[118] + gaze[118], 0, atol=1e-5)
    assert gaze[80, 0] < -0.2


def test_no_looks_change_nothing() -> None:
    gaze = np.ones((30, 2), np.float32)
    lead_with_eyes(gaze, ())
    assert (gaze == 1).all()
    assert not head_course((), 30).any()


def test_a_look_at_the_very_end_does_no_harm() -> None:
    gaze = np.zeros((30, 2), np.float32)
    lead_with_eyes(gaze, (Look(8, 0.4, 0.0), Look(32, 0.0, 0.0)))
    assert gaze[29, 0] > 0
