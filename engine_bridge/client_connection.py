"""A client's connection, whatever carries the bytes: its streams, errors and heartbeats."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engine_bridge.client_stream import ClientStream, Inbox
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import (
    SERVER_MESSAGES,
    Close,
    Hello,
    Notice,
    Ping,
    Pong,
    Refusal,
    Welcome,
)
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.errors import ServiceError, UmoError, WireError

ANSWER_S = 10.0  # the longest wait for an answer


class ClientConnection:
    """Sends messages and passes those that arrive to their streams.

    Args:
        url: of the server, for messages to people.
        hello: the first message.
        post: takes the bytes of a message, at once.
        answers: gets the answer to `hello`.
        clock: when to give a sign of life.

    Attributes:
        error: why nothing more can come; None while all is well.
        fps: frames a second and character; None unless the server has changed it.
    """

    def __init__(
        self,
        url: str,
        hello: Hello,
        post: Callable[[bytes], None],
        answers: Inbox,
        clock: Clock | None = None,
    ) -> None:
        self.error: UmoError | None = None
        self.fps: int | None = None
        self._url = url
        self._post = post
        self._answers = answers
        self._clock = clock or MonotonicClock()
        self._streams: dict[str, ClientStream] = {}
        self._timeout_s = float("inf")
        self._sent_s = self._heard_s = self._clock.now_s()
        self.send(hello)

    def send(self, message: Any) -> None:
        """Send a message.

        Raises:
            WireError: it cannot be sent.
            ServiceError: it is about a stream that is closed.
            UmoError: the connection has failed.
        """
        if self.error is not None:
            raise self.error
        stream = getattr(message, "stream", None)
        if stream is not None and stream not in self._streams:
            raise _closed(stream)
        self._sent_s = self._clock.now_s()
        self._post(encode(message))

    def add(self, stream: ClientStream) -> None:
        """Route what comes for a stream to it.

        Raises:
            ServiceError: there is one of this name.
        """
        if stream.name in self._streams:
            raise ServiceError("exists", f"{stream.name!r} is open already; choose another name")
        self._streams[stream.name] = stream

    def remove(self, stream: ClientStream) -> None:
        """Route nothing more to a stream, and say so to whoever waits for it."""
        if self._streams.pop(stream.name, None):
            stream.accept(_closed(stream.name))

    @property
    def streams(self) -> tuple[ClientStream, ...]:
        """Those that are open."""
        return tuple(self._streams.values())

    def say_goodbye(self) -> None:
        """End all streams, as far as the server can still be told."""
        for stream in self.streams:
            with suppress(UmoError):
                self.send(Close(stream.name))

    def receive(self, data: bytes) -> None:
        """Take the bytes of a message."""
        self._heard_s = self._clock.now_s()
        try:
            message = decode(data, SERVER_MESSAGES)
        except WireError as error:
            self.fail(error)
            return
        if isinstance(message, Welcome):
            self._timeout_s = message.timeout_s
            self._answers.put_nowait(message)
        elif isinstance(message, Notice):
            self.fps = message.fps
        elif not isinstance(message, Pong):
            self._route(message)

    def beat(self) -> float:
        """Give a sign of life if one is due; return the seconds until the next may be."""
        now_s = self._clock.now_s()
        if self.error is None and now_s - self._heard_s > self._timeout_s:
            reason = f"no word from {self._url} for {self._timeout_s:g} s; is the server up?"
            self.fail(ServiceError("gone", reason))
        elif self.error is None and now_s - self._sent_s >= self._timeout_s / 3:
            self.send(Ping())
        return min(1.0, self._timeout_s / 6)

    def fail(self, error: UmoError) -> None:
        """Nothing more can come: tell everyone who waits."""
        self.error = self.error or error
        self._answers.put_nowait(self.error)
        for stream in self.streams:
            stream.accept(self.error)

    def _route(self, message: Any) -> None:
        if message.stream in self._streams:
            self._streams[message.stream].accept(message)
        elif isinstance(message, Refusal) and not message.stream:
            self._answers.put_nowait(message)
            for stream in self.streams:
                stream.accept(message)


def no_server(url: str) -> ServiceError:
    """Nobody answered `hello`."""
    return ServiceError("connect", f"nothing answers at {url}; start the server: umo serve")


def no_answer(message: Any) -> ServiceError:
    """Nobody answered another message."""
    kind = type(message).__name__.lower()
    return ServiceError("silent", f"no answer to {kind} within {ANSWER_S:g} s; is the server up?")


def _closed(stream: str) -> ServiceError:
    return ServiceError("stream", f"stream {stream!r} is closed; open it again")
