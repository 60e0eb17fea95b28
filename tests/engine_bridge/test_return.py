"""Clients whose shard is gone: they go back to the front door and on from there."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from engine_bridge.async_client import AsyncClient
from engine_bridge.client import Client
from engine_bridge.client_frame import ClientFrame
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, Control, End, Ended, Hello, Open, Stand, Text
from tests.engine_bridge.fake_service import Script, websocket_service, zmq_service
from umo_runtime.errors import ServiceError
from umo_runtime.types import FloatArray

SPEECH = np.arange(4800, dtype=np.int16)


@dataclass
class Town:
    """A front door and two shards, of which the first one can be burnt down."""

    url: str
    door: Script
    first: Script
    second: Script
    fire: contextlib.ExitStack


@contextlib.contextmanager
def town(service) -> Iterator[Town]:  # type: ignore[no-untyped-def]
    door, first, second = Script(), Script(), Script()
    with service(door) as url, service(second) as there, contextlib.ExitStack() as fire:
        door._moved_to = fire.enter_context(service(first))
        fire.callback(setattr, door, "_moved_to", there)
        yield Town(url, door, first, second, fire)


both = pytest.mark.parametrize("service", [zmq_service, websocket_service], ids=["zmq", "ws"])


def pose(frame: ClientFrame) -> tuple[FloatArray, ...]:
    return frame.rotations, frame.root_position, frame.blendshapes


def check(place: Town, before: list[ClientFrame], after: list[ClientFrame]) -> None:
    """What the second shard was told, and how its frames look to the user."""
    hello, opened, stand, control = place.second.heard[:4]
    assert hello == Hello("python")
    assert opened == Open("npc", 16_000, "s16", 7)
    assert control == Control("npc", emotion="joy", calmness=0.25)
    first_sample = round((before[-1].pts_s + 1 / 30 - stand.shown / 30) * 16_000)
    assert stand.shown == min(4, len(before))
    for one, other in zip(frame_values(stand), pose(before[-1]), strict=True):
        np.testing.assert_array_equal(one, other)
    (text,) = place.second.of(Text)
    assert text.words == ["later"]
    assert text.times_s == [pytest.approx(0.2 - first_sample / 16_000, abs=1e-4)]
    again = b"".join(audio.payload for audio in place.second.of(Audio))
    assert again == SPEECH.tobytes()[2 * first_sample :]
    assert len(place.second.of(End)) == 1
    frames = [*before, *after]
    assert [frame.index for frame in frames] == list(range(len(frames)))
    spoken = [frame.pts_s for frame in frames if frame.segment == 1]
    np.testing.assert_allclose(np.diff(spoken), 1 / 30, atol=1e-4)


def test_the_blocking_client_goes_on_at_another_shard() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc = client.open("npc", seed=7)
        npc.control(emotion="joy")
        npc.control(calmness=0.25)
        npc.text(["now", "later"], [0.0, 0.2])
        for part in np.split(SPEECH, 6):
            npc.say(part)
        before = [npc.receive(5) for _ in range(6)]
        place.fire.close()
        npc.end()
        after = list(npc.frames())
        assert client.open("another").stats().frames == 1
        check(place, before, after)  # type: ignore[arg-type]
        npc.close()


@both
def test_the_asyncio_client_goes_on_at_another_shard(service) -> None:  # type: ignore[no-untyped-def]
    async def test(place: Town) -> None:
        async with AsyncClient(place.url) as client:
            npc = await client.open("npc", seed=7)
            npc.control(emotion="joy")
            npc.control(calmness=0.25)
            npc.text(["now", "later"], [0.0, 0.2])
            for part in np.split(SPEECH, 6):
                npc.say(part)
            before = [await npc.receive(5) for _ in range(6)]
            await asyncio.to_thread(place.fire.close)
            npc.end()
            after = [frame async for frame in npc.frames()]
            assert (await (await client.open("another")).stats()).frames == 1
            check(place, before, after)  # type: ignore[arg-type]

    with town(service) as place:
        asyncio.run(test(place))


def test_a_shard_that_does_not_know_where_characters_stand_is_as_good() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        place.second.is_old = True
        npc = client.open("npc")
        for part in np.split(SPEECH, 6):
            npc.say(part)
        before = [npc.receive(5) for _ in range(6)]
        place.fire.close()
        again = client.open("again")  # answered by the second one
        for part in np.split(SPEECH, 6):  # the fake makes one frame of each
            npc.say(part)
        npc.end()
        frames = [*before, *npc.frames()]
        assert len(place.second.of(Stand)) == 1
        assert [frame.index for frame in frames] == list(range(len(frames)))  # type: ignore[union-attr]
        spoken = [frame.pts_s for frame in frames if frame.segment == 1]  # type: ignore[union-attr]
        np.testing.assert_allclose(np.diff(spoken), 1 / 30, atol=1e-4)  # none comes twice
        again.close()


def test_where_all_places_are_taken_it_asks_again_soon() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc = client.open("npc")
        place.door.refuses_s = time.monotonic() + 0.3
        place.fire.close()
        npc.say(SPEECH)
        npc.end()
        assert len(list(npc.frames())) > 0
        assert 0 < time.monotonic() - place.door.refuses_s < 0.8


def test_what_was_said_while_there_was_no_shard_is_said_later() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc = client.open("npc")
        home, place.door.is_silent = place.door, True
        place.fire.close()
        npc.say(SPEECH)
        npc.end()
        assert npc.receive(0.3) is None
        home.is_silent = False
        events = []
        while not (events and isinstance(events[-1], Ended)):
            events.append(npc.receive(5))
        assert place.second.of(Audio)[0].payload == SPEECH.tobytes()


def test_an_interruption_that_a_dead_shard_owed_is_answered() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc = client.open("npc")
        npc.say(SPEECH)
        assert npc.receive(5) is not None
        place.first.is_silent = True
        npc.clear()
        place.fire.close()
        assert list(npc.frames()) == []
        assert not place.second.of(Audio)


def test_what_was_asked_of_a_dead_shard_is_answered_by_the_next() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc, doomed = client.open("npc"), client.open("doomed")
        place.first.is_silent = True
        threading.Timer(0.2, place.fire.close).start()
        late = client.open("late")  # asked there, answered here
        doomed_too = client.open("doomed too")
        assert late.stats().frames == 1
        assert npc.stats().frames == 1
        for each in (doomed, doomed_too, late):
            each.close()
        assert [opened.stream for opened in place.second.of(Open)] == [
            *("npc", "doomed", "late", "doomed too")
        ]


def test_one_that_was_closed_is_not_opened_again() -> None:
    with town(zmq_service) as place, Client(place.url) as client:
        npc, doomed = client.open("npc"), client.open("doomed")
        place.first.is_silent = True
        threading.Timer(0.2, place.fire.close).start()
        doomed.close()
        assert npc.stats().frames == 1
        assert [opened.stream for opened in place.second.of(Open)] == ["npc"]


def test_without_any_place_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine_bridge.client_connection._RETURN_S", 0.5)
    monkeypatch.setattr("engine_bridge.client_connection._PLACE_S", 0.2)
    with town(zmq_service) as place, Client(place.url) as client:
        npc = client.open("npc")
        place.door.is_silent = True
        place.fire.close()
        with pytest.raises(ServiceError) as gone:
            while True:
                npc.receive(5)
        assert gone.value.code in ("gone", "connect")


def test_a_server_that_did_not_send_elsewhere_is_waited_for() -> None:
    with contextlib.ExitStack() as fire:
        url = fire.enter_context(zmq_service(Script()))
        with Client(url) as client:
            npc = client.open("npc")
            fire.close()
            assert npc.receive(0.3) is None  # ZeroMQ connects again by itself, as it always did
