import pytest

from engine_bridge import open_sink
from tests.engine_bridge.bridge_frames import utterance
from tests.engine_bridge.live_link_reader import read_packet
from tests.engine_bridge.udp_receiver import open_receiver, refusal_of, url_of
from umo_runtime.clock import ManualClock


@pytest.fixture
def receiver():
    with open_receiver() as opened:
        yield opened


def test_many_subjects_share_a_port_and_a_time(receiver):
    clock = ManualClock(7.0)
    names = ["Ada", "Zoë Ångström", "A & B"]
    sinks = [
        open_sink(url_of(receiver, "livelink", f"?subject={name.replace('&', '%26')}"), clock)
        for name in names
    ]
    clock.advance(0.5)
    frames = utterance(3)
    for sink, frame in zip(sinks, frames, strict=True):
        sink.write(frame)
    read = {packet.subject: packet for packet in (read_packet(receiver.recv(2000)) for _ in names)}
    assert list(read) == names
    assert len({packet.device for packet in read.values()}) == 3
    assert {packet.time_s for packet in read.values()} == {7.5}
    for name, frame in zip(names, frames, strict=True):
        assert read[name].values["JawOpen"] == frame.blendshapes[17]
    for sink in sinks:
        sink.close()


def test_defaults(receiver):
    sink = open_sink(url_of(receiver, "livelink"), ManualClock())
    sink.write(utterance(1)[0])
    assert read_packet(receiver.recv(2000)).subject == "Umo"
    sink.close()


def test_the_rate_is_capped(receiver):
    sink = open_sink(url_of(receiver, "livelink", "?fps=15"), ManualClock())
    for frame in utterance(30):
        sink.write(frame)
    assert sink.num_sent == 15
    sink.close()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("name=Ada", "unknown livelink option 'name'; known: subject, fps"),
        ("subject=", "subject='' is not 1 to 255 bytes"),
        ("subject=a%00b", "is not 1 to 255 bytes"),
        ("fps=500", "livelink option fps='500' is not a number from 1 to 240"),
    ],
)
def test_wrong_options(query, message):
    assert message in refusal_of(f"livelink://127.0.0.1:11111?{query}")
