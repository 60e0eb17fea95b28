"""A client's connection, whatever carries the bytes: its streams, errors and heartbeats.

A client that was sent to a shard goes back to where it was sent from when the shard is gone, opens
its streams again where it is sent then, and says what has not come back as frames once more.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engine_bridge.client_stream import ClientStream, Inbox
from engine_bridge.wire import decode_from_server, encode
from engine_bridge.wire_messages import (
    AskStats,
    Close,
    Hello,
    Moved,
    Notice,
    Ping,
    Pong,
    Refusal,
    Welcome,
)
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.errors import ServiceError, UmoError, WireError

ANSWER_S = 10.0  # the longest wait for an answer
_MOST_MOVES = 4  # before anything else comes: more is a circle
_RETURN_S = 30.0  # the longest search for another place
_PLACE_S = 1.0  # what a place may take to say welcome, then
_PAUSE_S = 0.1  # between looks for one


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
        moved_to: where to connect instead, until `arrive` says that it was done.
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
        self.moved_to: str | None = None
        self._url = url
        self._home, self._hello = url, hello
        self._moves = 0  # since the last welcome
        self._is_away = False  # where it was sent
        self._waits = False  # for a place to say welcome
        self._is_known = False  # one has
        self._lost_s: float | None = None  # since when it looks for another place
        self._moved_s = 0.0
        self._held: list[Any] = []
        self._turn = threading.RLock()  # what was said must be either sent or said again
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
        name = getattr(message, "stream", None)
        with self._turn:
            if name is not None:
                if name not in self._streams:
                    raise _closed(name)
                if self._is_away:
                    self._streams[name].spoken.said(message, self._clock.now_s())
                    message = self._streams[name].spoken.told(message)
            if self._lost_s is None:
                self._sent_s = self._clock.now_s()
                self._post(encode(message))
            elif isinstance(message, AskStats):
                self._held.append(message)  # all else will be said again

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
            messages = decode_from_server(data)
        except WireError as error:
            self.fail(error)
            return
        for message in messages:
            self._take(message)

    def _take(self, message: Any) -> None:
        if isinstance(message, Welcome):
            self._moves, self._waits, self._timeout_s = 0, False, message.timeout_s
            if not self._is_known:
                self._is_known = True
                self._answers.put_nowait(message)
            if self._lost_s is not None:
                self._go_on()
        elif isinstance(message, Moved):
            self._move(message.url)
        elif isinstance(message, Notice):
            self.fps = message.fps
        elif not isinstance(message, Pong):
            self._route(message)

    def arrive(self) -> bytes:
        """There is a connection to `moved_to`; returns the first message to send there."""
        assert self.moved_to is not None
        self._url, self.moved_to, self._waits = self.moved_to, None, True
        self._moved_s = self._heard_s = self._sent_s = self._clock.now_s()
        return encode(self._hello)

    def lose(self, error: UmoError) -> float:
        """The connection has ended: look for another place, or fail where there is none.

        Returns:
            Seconds to let pass before.
        """
        with self._turn:
            now_s, is_news = self._clock.now_s(), self._lost_s is None
            self._lost_s = now_s if self._lost_s is None else self._lost_s
            if not self._is_away or now_s - self._lost_s > _RETURN_S:
                self.fail(error)
            else:
                self.moved_to, self._moves, self._moved_s = self._home, 0, now_s
            return 0.0 if is_news else _PAUSE_S

    @property
    def is_away(self) -> bool:
        """Whether it is where it was sent, and should notice at once when that is gone."""
        return self._is_away

    def beat(self) -> float:
        """Give a sign of life if one is due; return the seconds until the next may be."""
        now_s = self._clock.now_s()
        if self.error is not None:
            return 1.0
        if self._waits or self._lost_s is not None:
            if self._waits and self.moved_to is None and now_s - self._moved_s > _PLACE_S:
                self.lose(_gone(self._url, _PLACE_S))
            return _PAUSE_S
        if now_s - self._heard_s > self._timeout_s:
            self.lose(_gone(self._url, self._timeout_s))
        elif now_s - self._sent_s >= self._timeout_s / 3:
            self.send(Ping())
        return min(1.0, self._timeout_s / 6)

    def fail(self, error: UmoError) -> None:
        """Nothing more can come: tell everyone who waits."""
        self.error = self.error or error
        self._answers.put_nowait(self.error)
        for stream in self.streams:
            stream.accept(self.error)

    def _move(self, url: str) -> None:
        self._moves += 1
        if self._moves > _MOST_MOVES:
            reason = f"{self._url} sends to {url}, the {self._moves}th address; ask who runs it"
            self.fail(ServiceError("moved", reason))
        else:
            self.moved_to, self._is_away = url, True

    def _go_on(self) -> None:
        """There is a place again."""
        with self._turn:
            now_s = self._clock.now_s()
            for stream in self.streams:
                for message in stream.again(now_s):
                    self._post(encode(message))
            self._lost_s, held, self._held = None, self._held, []
            for message in held:
                self._post(encode(message))

    def _route(self, message: Any) -> None:
        stream = self._streams.get(message.stream)
        if stream is not None:
            with self._turn:
                if self._is_away:
                    message = stream.spoken.heard(message, self._clock.now_s())
                if message is not None:
                    stream.accept(message)
        elif self._lost_s is not None:  # a place that is none: another is looked for, soon
            self._moved_s = min(self._moved_s, self._clock.now_s() + _PAUSE_S - _PLACE_S)
        elif self._is_away and isinstance(message, Refusal) and message.code == "type":
            return  # of a server that does not know `stand`
        elif isinstance(message, Refusal) and not message.stream:
            self._answers.put_nowait(message)
            for each in self.streams:
                each.accept(message)


def no_server(url: str) -> ServiceError:
    """Nobody answered `hello`."""
    return ServiceError("connect", f"nothing answers at {url}; start the server: umo serve")


def no_answer(message: Any) -> ServiceError:
    """Nobody answered another message."""
    kind = type(message).__name__.lower()
    return ServiceError("silent", f"no answer to {kind} within {ANSWER_S:g} s; is the server up?")


def _closed(stream: str) -> ServiceError:
    return ServiceError("stream", f"stream {stream!r} is closed; open it again")


def _gone(url: str, seconds: float) -> ServiceError:
    return ServiceError("gone", f"no word from {url} for {seconds:.3g} s; is the server up?")
