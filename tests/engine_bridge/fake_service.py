"""A tiny server with a script, on real sockets: what clients are tested against."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import zmq
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from engine_bridge.outbox import Outbox
from engine_bridge.wire import decode, frame_message
from engine_bridge.wire_messages import (
    CLIENT_MESSAGES,
    AskStats,
    Audio,
    Clear,
    Cleared,
    Close,
    Closed,
    End,
    Ended,
    Hello,
    Moved,
    Open,
    Opened,
    Ping,
    Pong,
    Refusal,
    Stand,
    Stats,
    Welcome,
)
from tests.engine_bridge.bridge_frames import utterance

Send = Callable[[bytes], None]

POSES = utterance(8)


class Script:
    """Answers every message; each `Audio` with one frame.

    Attributes:
        heard: what came.
        is_silent: answer nothing any more.
        is_old: it does not know `stand`.
        refuses_s: until when there is no place.

    Args:
        token: that clients must know.
        timeout_s: told to clients.
        moved_to: where to send clients to instead.
    """

    def __init__(self, token: str = "", timeout_s: float = 10.0, moved_to: str = "") -> None:
        self.heard: list[Any] = []
        self.is_silent = self.is_old = self._in_blocks = False
        self.refuses_s = 0.0
        self._token = token
        self._timeout_s = timeout_s
        self._moved_to = moved_to
        self._frames: dict[str, int] = {}
        self._shown: dict[str, int] = {}

    def answer(self, data: bytes) -> Iterator[bytes]:
        """Bytes of the answers to bytes."""
        message = decode(data, CLIENT_MESSAGES)
        self.heard.append(message)
        if not self.is_silent:
            sent: list[bytes] = []
            outbox = Outbox(sent.append, in_blocks=self._in_blocks)
            for answer in self._answers(message):
                outbox.post(answer)
            outbox.flush()
            yield from sent

    def of(self, kind: type[Any]) -> list[Any]:
        """What came of a kind."""
        return [message for message in self.heard if isinstance(message, kind)]

    def _answers(self, message: Any) -> Iterator[Any]:
        match message:
            case Hello(token=token, blocks=blocks):
                self._in_blocks = bool(blocks)
                if time.monotonic() < self.refuses_s:
                    yield Refusal("full", "no shard has a place now; try later")
                elif token == self._token and self._moved_to:
                    yield Moved(self._moved_to)
                elif token == self._token:
                    yield Welcome("fake", 4, 1 << 20, self._timeout_s, [], [])
                else:
                    yield Refusal("token", "the token is wrong; give that of the server")
            case Open(stream) if stream == "taken":
                yield Refusal("exists", "taken is open already", stream)
            case Open(stream):
                self._frames[stream] = self._shown[stream] = 0
                yield Opened(stream)
            case Stand() if self.is_old:
                yield Refusal("type", "type is 'stand'; give one of hello, open")
            case Stand(stream, shown):
                self._shown[stream] = shown
            case Audio(stream, segment):
                yield self._frame(stream, segment)
            case End(stream, segment):
                yield self._frame(stream, segment)
                yield self._frame(stream, 0)
                yield Ended(stream, segment, 1.5)
            case Clear(stream):
                yield self._frame(stream, 0)
                yield Cleared(stream, 1)
            case AskStats(stream):
                yield self._frame(stream, 0)
                yield Stats(stream, self._frames[stream], 1.0, 0, 0.0, 0)
            case Close(stream):
                yield Closed(stream)
            case Ping(number):
                yield Pong(number)

    def _frame(self, stream: str, segment: int) -> Any:
        index = self._frames[stream]
        self._frames[stream] += 1
        frame = replace(POSES[index % len(POSES)], stream=stream)
        return frame_message(frame, index, segment, (index + self._shown[stream]) / 30)


@contextmanager
def zmq_service(script: Script, secret_key: bytes = b"") -> Iterator[str]:
    """Serve on ZeroMQ; yields the address."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        if secret_key:
            router.curve_server = True
            router.curve_secretkey = secret_key
        port = router.bind_to_random_port("tcp://127.0.0.1")
        is_done = threading.Event()

        def work() -> None:
            while not is_done.is_set():
                if router.poll(20):
                    client, data = router.recv_multipart()
                    for answer in script.answer(data):
                        router.send_multipart((client, answer))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{port}"
        finally:
            is_done.set()
            thread.join()


@contextmanager
def websocket_service(script: Script) -> Iterator[str]:
    """Serve on WebSocket; yields the address."""

    def work(socket: ServerConnection) -> None:
        try:
            for data in socket:
                assert isinstance(data, bytes)
                for answer in script.answer(data):
                    socket.send(answer)
        except ConnectionClosed:
            pass

    with serve(work, "127.0.0.1", 0, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()
