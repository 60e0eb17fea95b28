import asyncio
from collections.abc import Hashable

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection

from engine_bridge.websocket_endpoint import WebSocketEndpoint
from tests.eventually import eventually


def test_one_that_does_not_read_loses_the_oldest() -> None:
    async def test() -> None:
        heard: list[Hashable] = []
        endpoint = WebSocketEndpoint(lambda client, data: heard.append(client), lambda client: None)
        await endpoint.listen("127.0.0.1", 0)
        async with connect(endpoint.url, max_queue=1, compression=None) as lazy:
            await lazy.send(b"here")
            await eventually(lambda: heard)
            for number in range(20_000):  # 80 MB
                endpoint.send(heard[0], number.to_bytes(4, "little") * 1000)
                if number % 100 == 0:
                    await asyncio.sleep(0)
            endpoint.send("nobody", b"lost")
            numbers = [-1]
            while numbers[-1] != 19_999:
                async with asyncio.timeout(5):
                    numbers.append(int.from_bytes((await lazy.recv(decode=False))[:4], "little"))
        await endpoint.close()
        assert 1000 < len(numbers) < 6000
        assert numbers == sorted(numbers)

    asyncio.run(test())


def test_leaving_is_told_once_for_each_client() -> None:
    async def test() -> None:
        left: list[Hashable] = []
        came: list[Hashable] = []
        endpoint = WebSocketEndpoint(lambda client, data: came.append(client), left.append)
        await endpoint.listen("127.0.0.1", 0)
        async with connect(endpoint.url) as one, connect(endpoint.url) as other:
            await one.send(b"1")
            await other.send(b"2")
            await other.close()
            one.transport.abort()
            await one.wait_closed()
            await eventually(lambda: len(left) == 2)
        await endpoint.close()
        assert len(set(left)) == len(left) == 2
        assert set(came) <= set(left)

    asyncio.run(test())


def test_one_to_whom_sending_fails_is_let_go_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise AttributeError("a slip of the library")

    async def test() -> None:
        came: list[Hashable] = []
        left: list[Hashable] = []
        endpoint = WebSocketEndpoint(lambda client, data: came.append(client), left.append)
        await endpoint.listen("127.0.0.1", 0)
        async with connect(endpoint.url) as client:
            await client.send(b"1")
            await eventually(lambda: came)
            monkeypatch.setattr(ServerConnection, "send", fail)
            endpoint.send(came[0], b"2")
            await asyncio.sleep(0.01)
        await eventually(lambda: left == came)
        await endpoint.close()

    asyncio.run(test())
