from dataclasses import replace

import numpy as np
import pytest

from engine_bridge import RateCap, VmcSender
from tests.engine_bridge.bridge_frames import make_frame, turn, utterance
from tests.engine_bridge.osc_reader import blends, bones, read_frame
from umo_runtime.clock import ManualClock


class Tape:
    """A transport that keeps what it was given."""

    def __init__(self):
        self.frames = []
        self.num_closed = 0

    def send(self, datagrams):
        self.frames.append(read_frame([bytes(datagram) for datagram in datagrams]))

    def close(self):
        self.num_closed += 1


@pytest.fixture
def tape():
    return Tape()


@pytest.fixture
def clock():
    return ManualClock(50.0)


def time_of(messages):
    (time,) = [m.arguments[0] for m in messages if m.address == "/VMC/Ext/T"]
    return time


def bad_frames():
    frame = make_frame(1, shapes={"jawOpen": 0.9})
    nan_rotation = frame.rotations.copy()
    nan_rotation[7, 2] = np.nan
    return {
        "nan rotation": replace(frame, rotations=nan_rotation),
        "zero rotation": replace(frame, rotations=np.zeros((55, 4), np.float32)),
        "infinite blendshape": replace(frame, blendshapes=np.full(52, np.inf, np.float32)),
        "nan position": replace(frame, root_position=np.full(3, np.nan, np.float32)),
        "nan time": replace(frame, time_s=float("nan")),
        "too few bones": replace(frame, rotations=frame.rotations[:54]),
    }


@pytest.mark.parametrize("name", bad_frames())
def test_a_bad_frame_repeats_the_last_good_one(tape, clock, name):
    sender = VmcSender(tape, clock)
    sender.write(make_frame(bones={"Head": turn("y", 20)}, shapes={"jawOpen": 0.3}))
    clock.advance(0.5)
    sender.write(bad_frames()[name])
    good, repeated = tape.frames
    assert bones(repeated) == bones(good)
    assert blends(repeated) == blends(good)
    assert time_of(repeated) - time_of(good) == 0.5
    assert (sender.num_sent, sender.num_rejected) == (2, 1)


def test_a_stream_goes_on_after_a_bad_frame(tape, clock):
    sender = VmcSender(tape, clock)
    sender.write(bad_frames()["nan rotation"])
    sender.write(make_frame(shapes={"jawOpen": 0.5}))
    (frame,) = tape.frames
    assert blends(frame)["jawOpen"] == 0.5


def test_nothing_is_sent_before_the_first_good_frame(tape, clock):
    sender = VmcSender(tape, clock)
    sender.resend()
    sender.write(bad_frames()["nan rotation"])
    sender.resend()
    assert tape.frames == []
    assert sender.num_sent == 0


def test_resend_repeats_the_pose_with_the_time_of_now(tape, clock):
    sender = VmcSender(tape, clock)
    sender.write(utterance(2)[-1])
    for _ in range(3):
        clock.advance(0.4)
        sender.resend()
    assert [time_of(frame) for frame in tape.frames] == pytest.approx([0, 0.4, 0.8, 1.2])
    assert all(bones(frame) == bones(tape.frames[0]) for frame in tape.frames)


def test_a_sent_frame_does_not_follow_a_reused_array(tape, clock):
    sender = VmcSender(tape, clock)
    frame = make_frame(shapes={"jawOpen": 0.5})
    sender.write(frame)
    frame.blendshapes[:] = 0
    sender.resend()
    assert blends(tape.frames[1])["jawOpen"] == 0.5


def test_the_cap_thins_60_fps_to_30(tape, clock):
    sender = VmcSender(tape, clock, rate_cap=RateCap(30))
    for index in range(60):
        sender.write(replace(make_frame(), time_s=index / 60))
    assert len(tape.frames) == 30


@pytest.mark.parametrize("end", [VmcSender.close, VmcSender.abort])
def test_the_transport_is_closed(tape, clock, end):
    end(VmcSender(tape, clock))
    assert tape.num_closed == 1
