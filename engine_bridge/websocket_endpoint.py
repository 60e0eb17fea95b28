"""Clients over WebSocket: browsers and voice agents."""

import asyncio
from collections import deque
from collections.abc import Hashable, Sequence

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from engine_bridge.endpoint import BUSY_S, PAUSE_S, Leave, Receive
from engine_bridge.web_origin import LOOPBACK_ORIGIN
from engine_bridge.wire import MAX_MESSAGE_BYTES
from umo_runtime.errors import OutputError

_WAITING_MESSAGES = 1024  # for one client that does not read; the oldest are dropped
_OPENING_S, _CLOSING_S = 3.0, 1.0  # that a client may take; the server's end waits for both


class _Client:
    """A connection and what waits to go out."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.waiting: deque[bytes] = deque(maxlen=_WAITING_MESSAGES)
        self.has_mail = asyncio.Event()

    async def write(self) -> None:
        """Send what waits, in order, until the connection ends."""
        while True:
            await self.has_mail.wait()
            self.has_mail.clear()
            while self.waiting:
                await self.connection.send(self.waiting.popleft())


class WebSocketEndpoint:
    """A WebSocket server; open it with `listen`.

    Args:
        receive: gets every message.
        leave: told of every client that has gone.
        origins: of web pages that may come, besides those of this machine; None: all may.

    Attributes:
        url: where clients find it.
    """

    def __init__(self, receive: Receive, leave: Leave, origins: Sequence[str] | None = ()) -> None:
        self._receive, self._leave = receive, leave
        self._origins = None if origins is None else [None, LOOPBACK_ORIGIN, *map(Origin, origins)]
        self._clients: dict[Hashable, _Client] = {}
        self._server: Server | None = None
        self._pause_at_s = 0.0
        self.url = ""

    async def listen(self, host: str, port: int) -> None:
        """Begin.

        Args:
            host: numeric address to listen at, version 6 [in brackets].
            port: to listen at; 0 takes a free one.

        Raises:
            OutputError: the address cannot be had.
        """
        try:
            self._server = await serve(
                self._handle,
                host.strip("[]"),
                port,
                origins=self._origins,
                max_size=MAX_MESSAGE_BYTES,
                compression=None,
                open_timeout=_OPENING_S,
                close_timeout=_CLOSING_S,
            )
        except OSError as error:
            raise OutputError(
                f"cannot listen at {host}:{port} ({error.strerror}); choose another port"
            ) from error
        bound = next(iter(self._server.sockets)).getsockname()
        self.url = f"ws://{host}:{bound[1]}"

    def send(self, client: Hashable, data: bytes) -> None:
        """Send to a connection; one that does not read loses the oldest."""
        if client in self._clients:
            self._clients[client].waiting.append(data)
            self._clients[client].has_mail.set()

    async def close(self) -> None:
        """Let go of the port and of all connections."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _handle(self, connection: ServerConnection) -> None:
        client, loop = _Client(connection), asyncio.get_running_loop()
        self._clients[connection.id] = client
        writer = asyncio.create_task(client.write())
        try:
            async for message in connection:
                data = message if isinstance(message, bytes) else b""
                self._receive(connection.id, data)
                if loop.time() >= self._pause_at_s:
                    await asyncio.sleep(PAUSE_S)
                    self._pause_at_s = loop.time() + BUSY_S
        except ConnectionClosed:
            pass
        finally:
            del self._clients[connection.id]
            self._leave(connection.id)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)  # it may have failed long ago
