import socket
import threading
import time

import numpy as np
import pytest
import zmq

from engine_bridge.client import Client
from engine_bridge.client_frame import ClientFrame
from engine_bridge.wire_messages import (
    Audio,
    Cleared,
    Close,
    Control,
    End,
    Ended,
    Hello,
    Open,
    Ping,
    Playback,
    Text,
)
from engine_bridge.zmq_dealer import CurveKeys
from tests.engine_bridge.fake_service import POSES, Script, zmq_service
from umo_runtime.errors import ServiceError

SPEECH = np.zeros(480, np.int16)


def test_a_segment_from_the_first_sample_to_its_last_frame() -> None:
    with zmq_service(script := Script()) as url, Client(url, name="game") as client:
        npc = client.open("npc", rate_hz=24_000, seed=3, paced=True)
        npc.text(["hello", "there"], [0.0, 0.5])
        npc.say(SPEECH)
        npc.say(SPEECH)
        npc.end()
        frames = list(npc.frames())
        npc.close()
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert [frame.segment for frame in frames] == [1, 1, 1, 0]
    assert frames[2].pts_s == pytest.approx(2 / 30)
    np.testing.assert_array_equal(frames[1].rotations, POSES[1].rotations)
    np.testing.assert_array_equal(frames[1].root_position, POSES[1].root_position)
    np.testing.assert_array_equal(frames[1].blendshapes, POSES[1].blendshapes)
    assert script.heard == [
        Hello("game"),
        Open("npc", 24_000, "s16", 3, True),
        Text("npc", 1, ["hello", "there"], [0.0, 0.5]),
        Audio("npc", 1, SPEECH.tobytes()),
        Audio("npc", 1, SPEECH.tobytes()),
        End("npc", 1),
        Close("npc"),
    ]


def test_frames_in_blocks_are_the_same_frames() -> None:
    def told(blocks: bool) -> list[str]:
        with zmq_service(script := Script()) as url, Client(url, blocks=blocks) as client:
            npc = client.open("npc")
            npc.say(SPEECH)
            npc.end()
            npc.clear()
            events = [npc.receive(5) for _ in range(6)]
        assert script.heard[0] == Hello("python", blocks=blocks or None)
        return list(map(repr, events))

    assert told(blocks=True) == told(blocks=False)


def test_segments_follow_one_another() -> None:
    with zmq_service(script := Script()) as url, Client(url) as client:
        npc = client.open("npc")
        for _ in range(3):
            npc.say(SPEECH)
            npc.end()
            npc.end()  # says nothing twice
        assert len(list(npc.frames())) == 9
        assert list(npc.frames()) == []
    assert [message.segment for message in script.of(Audio)] == [1, 2, 3]
    assert [message.segment for message in script.of(End)] == [1, 2, 3]


def test_what_a_character_is_told() -> None:
    with zmq_service(script := Script()) as url, Client(url) as client:
        npc = client.open("npc")
        npc.control(emotion="joy")
        npc.control(calmness=0.25, gaze_deg=(np.float32(10), 0))
        npc.say(SPEECH)
        npc.playback(1.5)
        npc.playback(0.5, segment=7)
        npc.stats()
    assert script.of(Control) == [
        Control("npc", emotion="joy"),
        Control("npc", 0.25, gaze_deg=[10.0, 0.0]),
    ]
    assert script.of(Playback) == [Playback("npc", 1, 1.5), Playback("npc", 7, 0.5)]


def test_clear_ends_what_was_said_but_not_what_follows() -> None:
    with zmq_service(script := Script()) as url, Client(url) as client:
        npc = client.open("npc")
        npc.say(SPEECH)
        npc.clear()
        assert [frame.segment for frame in npc.frames()] == [1, 0]
        npc.say(SPEECH)
        npc.clear()
        npc.say(SPEECH)
        npc.end()
        events = []
        while not isinstance(event := npc.receive(5), Ended):
            events.append(event)
    assert event == Ended("npc", 3, 1.5)
    assert [type(event) for event in events] == [ClientFrame] * 2 + [Cleared] + [ClientFrame] * 3
    assert [message.segment for message in script.of(Audio)] == [1, 2, 3]


def test_counters_do_not_swallow_frames() -> None:
    with zmq_service(Script()) as url, Client(url) as client:
        npc = client.open("npc")
        npc.say(SPEECH)
        assert npc.stats().frames == 2
        assert [npc.receive(5).index for _ in range(2)] == [0, 1]  # type: ignore[union-attr]
        assert npc.receive(0.01) is None


def test_characters_do_not_mix() -> None:
    with zmq_service(Script()) as url, Client(url) as client:
        npcs = [client.open(f"npc {number}") for number in range(4)]
        for npc in npcs:
            npc.say(SPEECH)
            npc.end()
        for npc in npcs:
            assert {frame.stream for frame in npc.frames()} == {npc.name}


def test_many_threads_share_a_client() -> None:
    def speak(name: str) -> None:
        npc = client.open(name)
        for _ in range(50):
            npc.say(SPEECH)
        npc.end()
        counts.append(len(list(npc.frames())))

    counts: list[int] = []
    with zmq_service(Script()) as url, Client(url) as client:
        threads = [threading.Thread(target=speak, args=(f"npc {n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [52] * 4


def test_a_silent_client_gives_signs_of_life() -> None:
    with zmq_service(script := Script(timeout_s=0.3)) as url, Client(url) as client:
        npc = client.open("npc")
        time.sleep(0.8)
        assert npc.stats().frames == 1
    assert len(script.of(Ping)) >= 3


def test_a_server_that_falls_silent_is_an_error() -> None:
    with zmq_service(script := Script(timeout_s=0.3)) as url, Client(url) as client:
        npc = client.open("npc")
        script.is_silent = True
        with pytest.raises(ServiceError, match="no word from tcp://") as gone:
            npc.receive(5)
        assert gone.value.code == "gone"
        with pytest.raises(ServiceError):
            npc.say(SPEECH)
        with pytest.raises(ServiceError):
            npc.receive(5)


def test_a_server_that_is_not_there_is_an_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ServiceError, match="nothing answers at tcp://") as refused:
            Client(url, connect_timeout_s=0.2)
    assert refused.value.code == "connect"


@pytest.mark.parametrize("url", ["", "127.0.0.1:7601", "tcp://127.0.0.1", "udp://127.0.0.1:1"])
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(ServiceError, match="cannot connect") as refused:
        Client(url)
    assert refused.value.code == "address"


def test_a_token_is_needed_where_the_server_has_one() -> None:
    with zmq_service(Script(token="secret")) as url:
        with pytest.raises(ServiceError, match="token") as refused:
            Client(url)
        assert refused.value.code == "token"
        with Client(url, token="secret") as client:
            assert client.welcome.server == "fake"


def test_curve_keys() -> None:
    public, secret = zmq.curve_keypair()
    with zmq_service(Script(), secret) as url:
        with Client(url, curve=CurveKeys(public)) as client:
            assert client.open("npc").name == "npc"
        wrong, _ = zmq.curve_keypair()
        with pytest.raises(ServiceError, match="nothing answers"):
            Client(url, curve=CurveKeys(wrong), connect_timeout_s=0.3)


def test_names_that_are_taken() -> None:
    with zmq_service(Script()) as url, Client(url) as client:
        with pytest.raises(ServiceError) as refused:
            client.open("taken")
        assert refused.value.code == "exists"
        client.open("npc")
        with pytest.raises(ServiceError, match="'npc' is open already"):
            client.open("npc")


def test_streams_are_closed_with_the_client() -> None:
    with zmq_service(script := Script()) as url:
        with Client(url) as client:
            client.open("a")
            client.open("b")
        time.sleep(0.1)
        client.close()
    assert script.of(Close) == [Close("a"), Close("b")]


def test_a_closed_stream_says_so() -> None:
    with zmq_service(Script()) as url, Client(url) as client:
        npc = client.open("npc")
        npc.close()
        with pytest.raises(ServiceError, match="'npc' is closed"):
            npc.say(SPEECH)
        with pytest.raises(ServiceError, match="'npc' is closed"):
            npc.receive(5)
        assert client.open("npc").stats().frames == 1
