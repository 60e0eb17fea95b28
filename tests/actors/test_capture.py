import numpy as np

from actors.capture import Capture
from tests.actors.fake_audio import MICROPHONE, FakeHost
from umo_runtime.clock import ManualClock


def block(value: float) -> np.ndarray:
    return np.full(480, value, np.float32)


def test_blocks_are_copies_with_a_place_and_a_time() -> None:
    host, clock = FakeHost(), ManualClock(7.0)
    capture = Capture(host, MICROPHONE, clock)
    host.speak(block(0.1))
    clock.advance(0.01)
    host.speak(block(0.2))
    for value, end, captured_s in ((0.1, 480, 7.0), (0.2, 960, 7.01)):
        heard = capture.read(1.0)
        assert heard is not None
        assert (heard.end, heard.captured_s) == (end, captured_s)
        assert (heard.samples == np.float32(value)).all()
    assert capture.read(0.001) is None


def test_what_nobody_reads_in_half_a_second_is_dropped_oldest_first() -> None:
    host = FakeHost()
    capture = Capture(host, MICROPHONE, ManualClock())
    for _ in range(53):
        host.speak(block(0.1))
    assert capture.num_dropped == 3
    heard = capture.read(1.0)
    assert heard is not None
    assert heard.end == 4 * 480


def test_a_device_is_lost_when_it_ends_and_all_is_read() -> None:
    host = FakeHost()
    capture = Capture(host, MICROPHONE, ManualClock())
    host.speak(block(0.1))
    host.unplug()
    assert not capture.is_lost
    capture.read(1.0)
    assert capture.is_lost


def test_a_device_is_lost_when_it_stalls_but_may_take_its_time_to_begin() -> None:
    host, clock = FakeHost(), ManualClock()
    capture = Capture(host, MICROPHONE, clock)
    clock.advance(4.9)
    assert not capture.is_lost
    host.speak(block(0.1))
    capture.read(1.0)
    clock.advance(0.49)
    assert not capture.is_lost
    clock.advance(0.02)
    assert capture.is_lost
    host.speak(block(0.1))
    assert not capture.is_lost


def test_after_closing_late_blocks_are_ignored() -> None:
    host = FakeHost()
    capture = Capture(host, MICROPHONE, ManualClock())
    late = host.recording[-1].on_block
    capture.close()
    late(np.zeros((480, 2), np.float32))
    assert host.recording[-1].is_closed
