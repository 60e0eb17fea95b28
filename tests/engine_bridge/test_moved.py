"""Clients whose server sends them to another address."""

import asyncio

import numpy as np
import pytest
import zmq

from engine_bridge.async_client import AsyncClient
from engine_bridge.client import Client
from engine_bridge.direct_link import DirectLink
from engine_bridge.wire_messages import Hello
from engine_bridge.zmq_dealer import CurveKeys
from tests.engine_bridge.fake_service import Script, websocket_service, zmq_service
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import ServiceError

SPEECH = np.zeros(480, np.int16)


def test_the_blocking_client_follows_with_token_and_keys() -> None:
    public, secret = zmq.curve_keypair()
    shard = Script("secret")
    with zmq_service(shard, secret) as there:
        door = Script("secret", moved_to=there)
        with (
            zmq_service(door, secret) as url,
            Client(url, token="secret", curve=CurveKeys(public)) as client,
        ):
            npc = client.open("npc")
            npc.say(SPEECH)
            npc.end()
            assert len(list(npc.frames())) == 3
    assert door.heard == [Hello("python", "secret")] == shard.heard[:1]


@pytest.mark.parametrize("service", [zmq_service, websocket_service], ids=["zeromq", "websocket"])
def test_the_asyncio_client_follows(service) -> None:  # type: ignore[no-untyped-def]
    async def talk(url: str) -> int:
        async with AsyncClient(url) as client:
            npc = await client.open("npc")
            npc.say(SPEECH)
            npc.end()
            return len([frame async for frame in npc.frames()])

    with service(Script()) as there, service(door := Script(moved_to=there)) as url:
        assert asyncio.run(talk(url)) == 3
    assert door.heard == [Hello("python")]


def test_a_measurement_follows() -> None:
    with zmq_service(Script()) as there, zmq_service(Script(moved_to=there)) as url:
        DirectLink(url, MonotonicClock()).__exit__(None, None, None)


def test_who_is_sent_in_a_circle_gives_up() -> None:
    script = Script()
    with zmq_service(script) as url:
        script._moved_to = url
        with pytest.raises(ServiceError) as refused:
            Client(url)
    assert refused.value.code == "moved"


def test_an_address_that_is_none_is_an_error() -> None:
    with (
        zmq_service(Script(moved_to="nonsense")) as url,
        pytest.raises(ServiceError, match="cannot connect to 'nonsense'"),
    ):
        Client(url)
