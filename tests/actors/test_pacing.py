import pytest

from actors.pacing import Pacer, playout_delay_s
from tests.actors.test_audio_capture import JumpingClock
from tests.actors.test_frame_rate import make_frame


def test_frames_are_held_to_even_deadlines() -> None:
    clock = JumpingClock(10.0)
    pacer = Pacer(clock, start_s=10.0, delay_s=0.1)
    for index in range(3):
        pacer.wait(make_frame(index))
        assert clock.now_s() == pytest.approx(10.1 + index / 30)


def test_a_late_frame_passes_at_once() -> None:
    clock = JumpingClock(20.0)
    Pacer(clock, start_s=10.0, delay_s=0.1).wait(make_frame(3))
    assert clock.now_s() == 20.0


def test_the_delay_covers_what_a_frame_waits_for() -> None:
    assert playout_delay_s(30) == pytest.approx(7 / 120 + 0.020 + 0.015)
    assert playout_delay_s(60) == pytest.approx(playout_delay_s(30) + 1 / 60)
