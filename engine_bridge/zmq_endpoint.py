"""Clients over ZeroMQ: one ROUTER socket in an asyncio loop.

The socket is a plain one that the loop watches by its file descriptor, because a future for every
message costs more than the message. ZeroMQ signals edges, not levels: after any use of the socket
one has to look whether more has come.
"""

import asyncio
import contextlib
from collections.abc import Hashable
from pathlib import Path

import zmq
from zmq.auth.asyncio import AsyncioAuthenticator

from engine_bridge.curve_keys import CLIENTS, SERVER, read_key
from engine_bridge.endpoint import BUSY_S, PAUSE_S, Receive
from engine_bridge.wire import MAX_MESSAGE_BYTES
from umo_runtime.errors import OutputError, UmoError

_WAITING_MESSAGES = 4096  # for one client that does not read; more are dropped
# Plain numbers: the library's own kind takes as long to combine as a part takes to send.
_FIRST_PART, _LAST_PART = int(zmq.NOBLOCK | zmq.SNDMORE), int(zmq.NOBLOCK)
_MOST_UNREAD = 64  # messages of one client; it must wait with more


class ZmqEndpoint:
    """ROUTER socket; a client is its identity.

    Args:
        host: numeric address to listen at, version 6 [in brackets].
        port: to listen at; 0 takes a free one.
        receive: gets every message.
        keys: folder with the server's CURVE key and the public keys of its clients; None: open.

    Raises:
        OutputError: the address cannot be had, or the keys cannot be read.
    """

    def __init__(self, host: str, port: int, receive: Receive, keys: Path | None = None) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.SNDHWM, _WAITING_MESSAGES)
        self._socket.setsockopt(zmq.RCVHWM, _MOST_UNREAD)
        self._socket.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
        self._socket.setsockopt(zmq.IPV6, host.startswith("["))
        self._authenticator: AsyncioAuthenticator | None = None
        try:
            if keys is not None:
                self._authenticator = self._demand(keys)
            self._socket.bind(f"tcp://{host}:{port or '*'}")
        except UmoError:
            self._end()
            raise
        except zmq.ZMQError as error:
            self._end()
            raise OutputError(
                f"cannot listen at {host}:{port} ({error.strerror}); choose another --port"
            ) from error
        self.url = str(self._socket.get_string(zmq.LAST_ENDPOINT))
        self._is_pending = False  # a turn of `_drain`
        self._loop.add_reader(self._socket.fileno(), self.flush)
        self.flush()

    def send(self, client: Hashable, data: bytes) -> None:
        """Send to the client of an identity; what does not fit its queue is dropped."""
        assert isinstance(client, bytes)  # an identity
        with contextlib.suppress(zmq.ZMQError):
            self._socket.send(client, _FIRST_PART)
            self._socket.send(data, _LAST_PART)

    def flush(self) -> None:
        """To be called after sending: sending may have eaten the signal that messages came."""
        if not self._is_pending:
            self._is_pending = True
            self._loop.call_soon(self._drain)

    async def close(self) -> None:
        """Let go of the port."""
        self._loop.remove_reader(self._socket.fileno())
        self._end()

    def _end(self) -> None:
        if self._authenticator is not None:
            self._authenticator.stop()
        self._context.destroy(linger=0)

    def _drain(self) -> None:
        self._is_pending = False
        until_s = self._loop.time() + BUSY_S
        while self._loop.time() < until_s:
            try:
                parts = self._socket.recv_multipart(flags=zmq.NOBLOCK)
            except zmq.ZMQError:
                return
            self._receive(parts[0], parts[1] if len(parts) == 2 else b"")
        self._loop.remove_reader(self._socket.fileno())
        self._is_pending = True
        self._loop.call_later(PAUSE_S, self._go_on)

    def _go_on(self) -> None:
        if not self._socket.closed:
            self._loop.add_reader(self._socket.fileno(), self.flush)
            self._drain()

    def _demand(self, keys: Path) -> AsyncioAuthenticator:
        """Let in only clients with a known CURVE key."""
        file = keys / f"{SERVER}.key_secret"
        public, secret = read_key(file)
        if secret is None:
            raise OutputError(f"{file} holds no secret key; make keys: umo keys FOLDER")
        authenticator = AsyncioAuthenticator(self._context)
        authenticator.start()
        authenticator.configure_curve(domain="*", location=str(keys / CLIENTS))
        self._socket.curve_publickey, self._socket.curve_secretkey = public, secret
        self._socket.curve_server = True
        return authenticator
