from dataclasses import replace

import numpy as np
import pytest

from engine_bridge.datagram_sender import DatagramSender
from engine_bridge.live_link_packet import LiveLinkPacket
from engine_bridge.osc_rule import DEFAULT_MAP
from engine_bridge.osc_template import OscTemplate
from engine_bridge.rate_cap import RateCap
from engine_bridge.vmc_template import VmcTemplate
from tests.engine_bridge.bridge_frames import make_frame, utterance
from umo_runtime.clock import ManualClock

TEMPLATES = {
    "livelink": lambda: LiveLinkPacket("Umo"),
    "osc": lambda: OscTemplate(DEFAULT_MAP, "main"),
    "vmc": VmcTemplate,
}


class Tape:
    """A transport that keeps what it was given."""

    def __init__(self):
        self.frames = []
        self.num_closed = 0

    def send(self, datagrams):
        self.frames.append([bytes(datagram) for datagram in datagrams])

    def close(self):
        self.num_closed += 1


@pytest.fixture
def tape():
    return Tape()


@pytest.fixture(params=TEMPLATES)
def template(request):
    return TEMPLATES[request.param]()


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
def test_a_bad_frame_repeats_the_last_good_one(tape, template, name):
    sender = DatagramSender(tape, ManualClock(50.0), template)
    sender.write(utterance(2)[-1])
    sender.write(bad_frames()[name])
    good, repeated = tape.frames
    assert repeated == good
    assert (sender.num_sent, sender.num_rejected) == (2, 1)


def test_a_repeated_frame_has_the_time_of_now(tape, template):
    clock = ManualClock(50.0)
    sender = DatagramSender(tape, clock, template)
    sender.write(make_frame())
    clock.advance(0.5)
    sender.write(bad_frames()["nan rotation"])
    template.set_time(50.5)
    assert tape.frames[0] != tape.frames[1] == [bytes(datagram) for datagram in template.datagrams]


def test_nothing_is_sent_before_the_first_good_frame(tape, template):
    sender = DatagramSender(tape, ManualClock(), template)
    sender.resend()
    sender.write(bad_frames()["nan rotation"])
    assert tape.frames == []
    sender.write(make_frame())
    assert len(tape.frames) == 1


def test_time_counts_from_its_origin(tape, template):
    DatagramSender(tape, ManualClock(50.0), template, origin_s=40.0).write(make_frame())
    template.set_time(10.0)
    assert tape.frames[0] == [bytes(datagram) for datagram in template.datagrams]


def test_the_cap_thins_60_fps_to_30(tape, template):
    sender = DatagramSender(tape, ManualClock(), template, RateCap(30))
    for index in range(60):
        sender.write(replace(make_frame(), time_s=index / 60))
    assert len(tape.frames) == 30


@pytest.mark.parametrize("end", [DatagramSender.close, DatagramSender.abort])
def test_the_transport_is_closed(tape, template, end):
    end(DatagramSender(tape, ManualClock(), template))
    assert tape.num_closed == 1
