import pytest

from engine_bridge import VmcSender
from tests.engine_bridge.bridge_frames import make_frame, utterance
from tests.engine_bridge.osc_reader import blends, bones, read_frame
from umo_runtime.clock import ManualClock


class Tape:
    """A transport that reads what it was given."""

    def __init__(self):
        self.frames = []

    def send(self, datagrams):
        self.frames.append(read_frame([bytes(datagram) for datagram in datagrams]))

    def close(self):
        pass


def time_of(messages):
    (time,) = [m.arguments[0] for m in messages if m.address == "/VMC/Ext/T"]
    return time


def test_time_counts_from_the_opening_and_goes_on_while_a_pose_is_repeated():
    tape, clock = Tape(), ManualClock(50.0)
    sender = VmcSender(tape, clock)
    sender.write(utterance(2)[-1])
    for _ in range(3):
        clock.advance(0.4)
        sender.resend()
    assert [time_of(frame) for frame in tape.frames] == pytest.approx([0, 0.4, 0.8, 1.2])
    assert all(bones(frame) == bones(tape.frames[0]) for frame in tape.frames)


def test_a_sent_frame_does_not_follow_a_reused_array():
    tape = Tape()
    sender = VmcSender(tape, ManualClock())
    frame = make_frame(shapes={"jawOpen": 0.5})
    sender.write(frame)
    frame.blendshapes[:] = 0
    sender.resend()
    assert blends(tape.frames[1])["jawOpen"] == 0.5
