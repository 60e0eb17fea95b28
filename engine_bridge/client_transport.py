"""What carries the asyncio client's messages: ZeroMQ or WebSocket, by the address."""

from typing import Protocol

import zmq
import zmq.asyncio
from websockets.asyncio.client import ClientConnection as WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from engine_bridge.wire import MAX_MESSAGE_BYTES
from engine_bridge.zmq_dealer import CurveKeys, open_dealer
from umo_runtime.errors import ServiceError


class ClientTransport(Protocol):
    """Whole messages, both ways."""

    async def send(self, data: bytes) -> None:
        """Send one."""
        ...

    async def receive(self) -> bytes:
        """Wait for one.

        Raises:
            ServiceError: the connection has ended.
        """
        ...

    async def ended(self) -> None:
        """Wait until the connection has ended, where `receive` would not tell."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


async def connect_transport(url: str, curve: CurveKeys | None) -> ClientTransport:
    """Connect to `tcp://` or `ws://`, and likewise `ipc://` or `wss://`.

    Raises:
        ServiceError: the address is none, or a WebSocket server is not there.
    """
    if url.startswith(("ws://", "wss://")):
        return await _connect_websocket(url)
    return _ZmqTransport(url, curve)


class _ZmqTransport:
    def __init__(self, url: str, curve: CurveKeys | None) -> None:
        self._context = zmq.asyncio.Context()
        try:
            self._dealer = open_dealer(self._context, url, curve)
        except ServiceError:
            self._context.term()
            raise

    async def send(self, data: bytes) -> None:
        await self._dealer.send(data)

    async def receive(self) -> bytes:
        data: bytes = await self._dealer.recv()
        return data

    async def ended(self) -> None:
        monitor = self._dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED)
        try:
            await monitor.recv_multipart()
            self._dealer.linger = 0  # else `close` waits for what nobody will take any more
        finally:
            self._dealer.disable_monitor()
            monitor.close(linger=0)

    async def close(self) -> None:
        self._dealer.close()
        self._context.term()


class _WebSocketTransport:
    def __init__(self, url: str, socket: WebSocket) -> None:
        self._url = url
        self._socket = socket

    async def send(self, data: bytes) -> None:
        try:
            await self._socket.send(data)
        except WebSocketException as error:
            raise self._ended(error) from error

    async def receive(self) -> bytes:
        try:
            data = await self._socket.recv()
        except WebSocketException as error:
            raise self._ended(error) from error
        return data if isinstance(data, bytes) else data.encode()  # text is refused like garbage

    async def ended(self) -> None:
        await self._socket.wait_closed()

    async def close(self) -> None:
        await self._socket.close()

    def _ended(self, error: Exception) -> ServiceError:
        return ServiceError("gone", f"{self._url} has ended the connection: {error}")


async def _connect_websocket(url: str) -> ClientTransport:
    try:
        socket = await connect(
            url, max_size=MAX_MESSAGE_BYTES, compression=None, ping_interval=None, close_timeout=1
        )
    except (OSError, WebSocketException, ValueError) as error:
        raise ServiceError(
            "connect", f"no WebSocket server at {url}: {error}; start one: umo serve"
        ) from error
    return _WebSocketTransport(url, socket)
