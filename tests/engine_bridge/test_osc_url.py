import pytest

from engine_bridge import open_sink
from tests.engine_bridge.bridge_frames import utterance
from tests.engine_bridge.osc_reader import read_frame
from tests.engine_bridge.udp_receiver import open_receiver, refusal_of, url_of
from umo_runtime.clock import ManualClock


@pytest.fixture
def receiver():
    with open_receiver() as opened:
        yield opened


def receive_until(receiver, address):
    datagrams = [receiver.recv(65_535)]
    while read_frame(datagrams)[-1].address != address:
        datagrams.append(receiver.recv(65_535))
    return {message.address: message.arguments for message in read_frame(datagrams)}


def test_a_frame_through_a_socket(receiver):
    clock = ManualClock(100.0)
    sink = open_sink(url_of(receiver, "osc", "?stream=ada"), clock)
    clock.advance(1.5)
    frame = utterance(2)[-1]
    sink.write(frame)
    values = receive_until(receiver, "/umo/ada/time")
    assert values["/umo/ada/time"] == (1.5,)
    assert values["/umo/ada/face/jawOpen"] == (frame.blendshapes[17],)
    assert len(values) == 109
    sink.close()


def test_a_map_from_a_file(receiver, tmp_path):
    path = tmp_path / "my & map.toml"
    path.write_text('[blendshapes]\naddress = "/a/{name}"\nnames = ["jawOpen"]')
    sink = open_sink(
        url_of(receiver, "osc", f"?fps=10&map={str(path).replace('&', '%26')}"), ManualClock()
    )
    frames = utterance(30)
    for frame in frames:
        sink.write(frame)
    assert receive_until(receiver, "/a/jawOpen") == {"/a/jawOpen": (frames[0].blendshapes[17],)}
    assert sink.num_sent == 10
    sink.close()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("file=x", "unknown osc option 'file'; known: map, stream, fps"),
        ("map=none.toml", "map none.toml cannot be read: No such file or directory"),
        ("map=", "cannot be read"),
        ("stream=", "stream='' cannot be part of an OSC address"),
        ("stream=a/b", "stream='a/b' cannot be part"),
        ("stream=a%20b", "stream='a b' cannot be part"),
        ("fps=x", "osc option fps='x' is not a number from 1 to 240"),
    ],
)
def test_wrong_options(query, message):
    assert message in refusal_of(f"osc://127.0.0.1:9000?{query}")
