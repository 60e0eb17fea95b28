import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack

import numpy as np
import pytest
import zmq

from engine_bridge.async_client import AsyncClient
from engine_bridge.client_frame import ClientFrame
from engine_bridge.wire_messages import Audio, Cleared, Close, End, Hello, Open, Ping
from engine_bridge.zmq_dealer import CurveKeys
from tests.engine_bridge.fake_service import POSES, Script, websocket_service, zmq_service
from umo_runtime.errors import ServiceError

SPEECH = np.zeros(480, np.int16)
Service = Callable[[Script], AbstractContextManager[str]]
on_both = pytest.mark.parametrize("service", [zmq_service, websocket_service])


@on_both
def test_a_segment_from_the_first_sample_to_its_last_frame(service: Service) -> None:
    async def talk(url: str) -> list[ClientFrame]:
        async with AsyncClient(url, name="agent") as client:
            npc = await client.open("npc", rate_hz=24_000)
            npc.say(SPEECH)
            npc.say(SPEECH)
            npc.end()
            return [frame async for frame in npc.frames()]

    with service(script := Script()) as url:
        frames = asyncio.run(talk(url))
    assert [frame.segment for frame in frames] == [1, 1, 1, 0]
    np.testing.assert_array_equal(frames[1].rotations, POSES[1].rotations)
    assert script.heard == [
        Hello("agent"),
        Open("npc", 24_000),
        Audio("npc", 1, SPEECH.tobytes()),
        Audio("npc", 1, SPEECH.tobytes()),
        End("npc", 1),
        Close("npc"),
    ]


@on_both
def test_frames_in_blocks_are_the_same_frames(service: Service) -> None:
    async def told(url: str, blocks: bool) -> list[str]:
        async with AsyncClient(url, blocks=blocks) as client:
            npc = await client.open("npc")
            npc.say(SPEECH)
            npc.end()
            npc.clear()
            return [repr(await npc.receive(5)) for _ in range(6)]

    for script in (Script(), Script()):
        with service(script) as url:
            assert asyncio.run(told(url, blocks=True)) == asyncio.run(told(url, blocks=False))
        assert [hello.blocks for hello in script.of(Hello)] == [True, None]


@on_both
def test_an_interruption(service: Service) -> None:
    async def talk(url: str) -> None:
        async with AsyncClient(url) as client:
            npc = await client.open("npc")
            npc.say(SPEECH)
            npc.clear()
            assert isinstance(await npc.receive(5), ClientFrame)
            assert isinstance(await npc.receive(5), ClientFrame)
            assert await npc.receive(5) == Cleared("npc", 1)
            assert await npc.receive(0.01) is None
            assert (await npc.stats()).frames == 3
            await npc.close()

    with service(Script()) as url:
        asyncio.run(talk(url))


@on_both
def test_many_characters_at_once(service: Service) -> None:
    async def speak(client: AsyncClient, name: str) -> int:
        npc = await client.open(name)
        for _ in range(20):
            npc.say(SPEECH)
        npc.end()
        frames = [frame async for frame in npc.frames()]
        assert {frame.stream for frame in frames} == {name}
        return len(frames)

    async def crowd(url: str) -> list[int]:
        async with AsyncClient(url) as client:
            return await asyncio.gather(*(speak(client, f"npc {n}") for n in range(5)))

    with service(Script()) as url:
        assert asyncio.run(crowd(url)) == [22] * 5


@on_both
def test_signs_of_life_and_a_server_that_falls_silent(service: Service) -> None:
    async def talk(url: str) -> None:
        async with AsyncClient(url) as client:
            npc = await client.open("npc")
            await asyncio.sleep(0.8)
            await npc.stats()
            script.is_silent = True
            assert isinstance(await npc.receive(1), ClientFrame)
            with pytest.raises(ServiceError, match="no word from") as gone:
                await npc.receive(5)
            assert gone.value.code == "gone"
            with pytest.raises(ServiceError):
                npc.say(SPEECH)

    with service(script := Script(timeout_s=0.3)) as url:
        asyncio.run(talk(url))
    assert len(script.of(Ping)) >= 3


@on_both
def test_a_token_is_needed_where_the_server_has_one(service: Service) -> None:
    async def connect(url: str, token: str) -> str:
        async with AsyncClient(url, token=token) as client:
            return client.welcome.server

    with service(Script(token="secret")) as url:
        assert asyncio.run(connect(url, "secret")) == "fake"
        with pytest.raises(ServiceError) as refused:
            asyncio.run(connect(url, "guess"))
    assert refused.value.code == "token"


@on_both
def test_names_that_are_taken(service: Service) -> None:
    async def open_both(url: str) -> list[str]:
        async with AsyncClient(url) as client:
            await client.open("npc")
            results = [client.open("taken"), client.open("npc")]
            return [await code_of(result) for result in results]

    async def code_of(result: Awaitable[object]) -> str:
        with pytest.raises(ServiceError) as refused:
            await result
        return refused.value.code

    with service(Script()) as url:
        assert asyncio.run(open_both(url)) == ["exists", "exists"]


@pytest.mark.parametrize("scheme", ["tcp", "ws"])
def test_a_server_that_is_not_there_is_an_error(scheme: str) -> None:
    async def connect(url: str) -> None:
        async with AsyncClient(url, connect_timeout_s=0.3):
            pass

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"{scheme}://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(ServiceError, match=url) as refused:
            asyncio.run(connect(url))
    assert refused.value.code == "connect"
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ws://", "127.0.0.1:7602", "ws://a b:1"])
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    async def connect() -> None:
        async with AsyncClient(url, connect_timeout_s=1):
            pass

    with pytest.raises(ServiceError) as refused:
        asyncio.run(connect())
    assert refused.value.code in {"address", "connect"}
    assert len(str(refused.value).splitlines()) == 1


def test_a_websocket_that_ends_is_an_error() -> None:
    async def talk() -> None:
        with ExitStack() as server:
            client = AsyncClient(server.enter_context(websocket_service(Script())))
            await client.__aenter__()
            npc = await client.open("npc")
            await asyncio.to_thread(server.close)
        with pytest.raises(ServiceError, match="has ended the connection") as gone:
            await npc.receive(5)
        assert gone.value.code == "gone"
        await client.close()

    asyncio.run(talk())


def test_curve_keys() -> None:
    async def connect(url: str) -> str:
        async with AsyncClient(url, curve=CurveKeys(public)) as client:
            return client.welcome.server

    public, secret = zmq.curve_keypair()
    with zmq_service(Script(), secret) as url:
        assert asyncio.run(connect(url)) == "fake"
