import socket
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from actors.stream_outputs import StreamOutputs
from engine_bridge.coordinates import to_unity_rotation
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, Close, Closed, Frame, Open, Opened
from tests.actors.live_character import sine
from tests.actors.test_server import World
from tests.engine_bridge.osc_reader import bones, read_frame
from tests.engine_bridge.udp_receiver import open_receiver, url_of
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONES

DATAGRAMS = 6  # of a frame


@pytest.fixture
def shown() -> Iterator[tuple[World, "Seen"]]:
    """A world whose stream "ada" is shown, and what its receiver sees."""
    with open_receiver() as receiver:
        receiver.settimeout(0.2)
        outputs = StreamOutputs({"ada": url_of(receiver, "vmc")}, ManualClock())
        with closing(outputs):
            yield World(outputs=outputs), Seen(receiver)


class Seen:
    """A receiver, whose socket holds a third of a second of frames."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver

    def heads(self) -> np.ndarray:
        """How the head was turned in all frames since the last call, [N, 4]."""
        datagrams = []
        while True:
            try:
                datagrams.append(self._receiver.recv(2000))
            except TimeoutError:
                break
        frames = [
            bones(read_frame(datagrams[start : start + DATAGRAMS]))["Head"]
            for start in range(0, len(datagrams), DATAGRAMS)
        ]
        return np.array([frame[3:] for frame in frames]).reshape(-1, 4)


def heads_of(world: World, client: str) -> np.ndarray:
    frames = [frame for frame in world.of(client, Frame) if frame.stream == "ada"]
    heads = [frame_values(frame)[0][BONES.index("Head")] for frame in frames]
    return to_unity_rotation(np.array(heads))


def test_a_receiver_sees_what_the_client_gets_when_it_is_due(shown) -> None:
    world, seen = shown
    world.join("a", "ada", "bob")
    world.say("a", Audio("ada", 1, sine(2.0)))
    heads = np.concatenate([seen.heads() for _ in range(4) if not world.live(0.25)])
    assert 25 <= len(heads) <= 32  # not as fast as they can be made
    np.testing.assert_allclose(heads, heads_of(world, "a"), atol=1e-6)


def test_of_two_clients_the_first_is_shown_until_it_goes(shown) -> None:
    world, seen = shown
    world.join("a", "ada")
    world.join("b", "ada")
    world.live(0.3)
    np.testing.assert_allclose(seen.heads(), heads_of(world, "a"), atol=1e-6)
    assert world.say("a", Close("ada")) == Closed("ada")
    world.live(0.3)
    assert not len(seen.heads())
    assert world.say("b", Close("ada")) == Closed("ada")
    assert world.say("b", Open("ada")) == Opened("ada")
    world.live(0.3)
    assert len(seen.heads()) > 5


def test_a_client_that_is_lost_lets_another_be_shown(shown) -> None:
    world, seen = shown
    world.join("a", "ada")
    world.server.forget("a", world.now_s)
    world.join("b", "ada")
    world.live(0.3)
    np.testing.assert_allclose(seen.heads(), heads_of(world, "b"), atol=1e-6)


def test_a_wrong_address_is_told_at_the_start() -> None:
    with pytest.raises(OutputError, match="no port"):
        StreamOutputs({"ada": "vmc://here"}, ManualClock())
