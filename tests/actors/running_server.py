"""A server with tiny networks behind real sockets of this machine, and clients that speak bytes."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from actors.serving import ServeOptions, embedded_graph, run_server
from engine_bridge.client_transport import ClientTransport, connect_transport
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import SERVER_MESSAGES, Hello, Open, Opened, Welcome
from engine_bridge.zmq_dealer import CurveKeys
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import encode as encode_word
from tests.eventually import PATIENCE_S
from umo_runtime.clock import Clock, MonotonicClock

LOOPBACK = ServeOptions("127.0.0.1", 0, 0, max_streams=4)


class Peer:
    """One client; what it is sent is decoded."""

    def __init__(self, transport: ClientTransport) -> None:
        self.transport = transport

    async def send(self, *messages: Any) -> None:
        for message in messages:
            await self.transport.send(message if isinstance(message, bytes) else encode(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            return decode(await self.transport.receive(), SERVER_MESSAGES)

    async def until(self, kind: type[Any]) -> list[Any]:
        """All messages up to the first of a kind."""
        messages = [await self.receive()]
        while not isinstance(messages[-1], kind):
            messages.append(await self.receive())
        return messages

    async def ask(self, message: Any, kind: type[Any]) -> Any:
        """Send and return the next message of a kind."""
        await self.send(message)
        return (await self.until(kind))[-1]

    async def join(self, *streams: str, token: str = "") -> None:
        await self.ask(Hello("test", token), Welcome)
        for stream in streams:
            assert await self.ask(Open(stream), Opened) == Opened(stream)


@asynccontextmanager
async def connected(url: str, curve: CurveKeys | None = None) -> AsyncIterator[Peer]:
    transport = await connect_transport(url, curve)
    try:
        yield Peer(transport)
    finally:
        await transport.close()


@asynccontextmanager
async def serving(
    options: ServeOptions = LOOPBACK,
    clock: Clock | None = None,
    networks: FakeNetworks | None = None,
) -> AsyncIterator[list[str]]:
    """The URLs of a server that must end, when told to, without a trace."""
    tasks, until = asyncio.all_tasks(), asyncio.Event()
    ready: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    complaints: list[Any] = []
    clock = clock or MonotonicClock()
    measured_by = None if options.metrics_port is None else clock
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
    server = asyncio.create_task(
        run_server(
            "test",
            embedded_graph(networks or FakeNetworks(), measured_by),
            encode_word,
            options,
            clock,
            ready.set_result,
            until,
        )
    )
    await asyncio.wait((server, ready), return_when=asyncio.FIRST_COMPLETED)
    try:
        if not server.done():
            yield ready.result()
    finally:
        until.set()
        async with asyncio.timeout(PATIENCE_S):
            await server
    await asyncio.sleep(0.05)  # what has been cancelled must have a turn to end
    assert asyncio.all_tasks() <= tasks | {asyncio.current_task()}
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("umo-")] == []
    assert complaints == []
