"""The asyncio client of `umo serve`, over ZeroMQ (`tcp://`) or WebSocket (`ws://`).

    async with AsyncClient("ws://127.0.0.1:7602") as client:
        npc = await client.open("npc", rate_hz=24_000)
        npc.say(samples)
        npc.end()
        async for frame in npc.frames():
            show(frame.rotations, frame.blendshapes, at=frame.pts_s)

What directs a character is a plain call that never waits; what waits for the server is awaited.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from engine_bridge.client_connection import ANSWER_S, ClientConnection, no_answer, no_server
from engine_bridge.client_frame import ClientFrame
from engine_bridge.client_stream import ClientStream, Event, raise_if_refused
from engine_bridge.client_transport import ClientTransport, connect_transport
from engine_bridge.wire_messages import (
    AskStats,
    Close,
    Hello,
    Open,
    SampleFormat,
    Stats,
    Welcome,
)
from engine_bridge.zmq_dealer import CurveKeys
from umo_runtime.errors import ServiceError, UmoError

_PAUSE_S = 0.2  # between looks whether it is sent elsewhere


class AsyncNpc(ClientStream):
    """A character; `AsyncClient.open` brings it to life."""

    def __init__(self, opened: Open, connection: ClientConnection) -> None:
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self._answers: asyncio.Queue[Any] = asyncio.Queue()
        super().__init__(opened, connection.send, self._events, self._answers)
        self._connection = connection

    async def receive(self, timeout_s: float | None = None) -> Event | None:
        """Wait for the next frame, `Ended` or `Cleared`; None if there is none in time.

        Raises:
            ServiceError: the server refused something, or is gone.
        """
        if self._connection.error is not None and self._events.empty():
            raise self._connection.error
        try:
            return self._event(await asyncio.wait_for(self._events.get(), timeout_s))
        except TimeoutError:
            return None

    async def frames(self) -> AsyncIterator[ClientFrame]:
        """Frames until all that was said so far has ended or was cleared."""
        while not self._is_heard:
            event = await self.receive()
            if isinstance(event, ClientFrame):
                yield event

    async def stats(self) -> Stats:
        """The server's counters of this character."""
        stats: Stats = await self._ask(AskStats(self.name))
        return stats

    async def close(self) -> None:
        """End the character."""
        await self._ask(Close(self.name))
        self._connection.remove(self)

    async def _ask(self, message: Any) -> Any:
        self._is_asking = True
        try:
            self._send(message)
            return raise_if_refused(await asyncio.wait_for(self._answers.get(), ANSWER_S))
        except TimeoutError:
            raise no_answer(message) from None
        finally:
            self._is_asking = False


class AsyncClient:
    """A connection to a server; use it as an async context manager, in one event loop.

    Args:
        url: such as `ws://127.0.0.1:7602` or `tcp://127.0.0.1:7601`.
        token: the server's secret, where it has one.
        curve: keys of a ZeroMQ server, where it has them.
        name: tells people who this is.
        blocks: get the frames of all characters in one message; for many characters.
        connect_timeout_s: how long to wait for the server.

    Attributes:
        welcome: what the server said of itself: limits, names of bones and blendshapes.
    """

    welcome: Welcome
    _connection: ClientConnection
    _transport: ClientTransport

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        curve: CurveKeys | None = None,
        name: str = "python",
        blocks: bool = False,
        connect_timeout_s: float = 5.0,
    ) -> None:
        self._url = url
        self._hello = Hello(name, token, blocks or None)
        self._curve = curve
        self._connect_timeout_s = connect_timeout_s
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ServiceError: nothing answers, or the server refuses this client.
        """
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._connect()
        except TimeoutError:
            await self.close()
            raise no_server(self._url) from None
        except BaseException:
            await self.close()
            raise
        return self

    async def open(
        self,
        stream: str,
        *,
        rate_hz: int = 16_000,
        format: SampleFormat = "s16",
        seed: int | None = None,
        paced: bool = False,
    ) -> AsyncNpc:
        """Bring a character to life; see `Client.open`."""
        opened = Open(stream, rate_hz, format, seed, paced)
        npc = AsyncNpc(opened, self._connection)
        self._connection.add(npc)
        try:
            await npc._ask(opened)
        except BaseException:
            self._connection.remove(npc)
            raise
        return npc

    async def close(self) -> None:
        """End all characters and the connection."""
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        self._connection.say_goodbye()
        with suppress(UmoError):
            while not self._outbox.empty():
                await self._transport.send(self._outbox.get_nowait())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._transport.close()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _connect(self) -> None:
        self._transport = await connect_transport(self._url, self._curve)
        answers: asyncio.Queue[Any] = asyncio.Queue()
        self._connection = ClientConnection(
            self._url, self._hello, self._outbox.put_nowait, answers
        )
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._read())]
        self.welcome = raise_if_refused(await answers.get())

    async def _write(self) -> None:
        while True:
            try:
                wait_s = self._connection.beat()
                data = await asyncio.wait_for(self._outbox.get(), wait_s)
                await self._transport.send(data)  # which may have changed meanwhile
            except TimeoutError:
                continue
            except ServiceError as error:
                if not self._connection.is_away:  # else whoever reads looks for another place
                    self._connection.fail(error)
                    return

    async def _read(self) -> None:
        while self._connection.error is None:
            try:
                await self._receive_all()
                if self._connection.moved_to is not None:
                    await self._move(self._connection.moved_to)
            except ServiceError as error:
                await asyncio.sleep(self._connection.lose(error))

    async def _receive_all(self) -> None:
        """Pass on what comes until the client is sent elsewhere.

        Raises:
            ServiceError: the connection has ended.
        """
        reading = asyncio.create_task(self._receive_until_moved())
        tasks: list[asyncio.Task[None]] = [reading]
        if self._connection.is_away:
            tasks.append(asyncio.create_task(self._transport.ended()))
        done: set[asyncio.Task[None]] = set()
        try:
            while not done and self._connection.moved_to is None:
                done, _ = await asyncio.wait(
                    tasks, timeout=_PAUSE_S, return_when=asyncio.FIRST_COMPLETED
                )
            if reading in done:
                await reading
            elif done:
                raise no_server(self._url)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive_until_moved(self) -> None:
        while self._connection.moved_to is None:
            self._connection.receive(await self._transport.receive())

    async def _move(self, url: str) -> None:
        """Connect to where the server has sent this client."""
        moved = await connect_transport(url, self._curve)
        left, self._transport = self._transport, moved
        await moved.send(self._connection.arrive())
        await left.close()
