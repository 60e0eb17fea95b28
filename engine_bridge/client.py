"""The blocking client of `umo serve`, over ZeroMQ.

    with Client("tcp://127.0.0.1:7601") as client:
        npc = client.open("npc", rate_hz=24_000)
        npc.say(samples)
        npc.end()
        for frame in npc.frames():
            show(frame.rotations, frame.blendshapes, at=frame.pts_s)

Any thread may use it: one thread of its own owns the socket, gives the signs of life and sorts what
arrives, so that nothing is lost while the user is busy.
"""

import queue
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import zmq

from engine_bridge.client_connection import ANSWER_S, ClientConnection, no_answer, no_server
from engine_bridge.client_frame import ClientFrame
from engine_bridge.client_stream import ClientStream, Event, raise_if_refused
from engine_bridge.wire_messages import (
    AskStats,
    Close,
    Hello,
    Open,
    SampleFormat,
    Stats,
    Welcome,
)
from engine_bridge.zmq_dealer import CurveKeys, open_dealer
from umo_runtime.errors import ServiceError, UmoError

_PIPE = "inproc://outbox"
_OVER = zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED  # the latter where nobody listens


class Npc(ClientStream):
    """A character; `Client.open` brings it to life."""

    def __init__(self, opened: Open, connection: ClientConnection) -> None:
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        super().__init__(opened, connection.send, self._events, self._answers)
        self._connection = connection

    def receive(self, timeout_s: float | None = None) -> Event | None:
        """Wait for the next frame, `Ended` or `Cleared`; None if there is none in time.

        Raises:
            ServiceError: the server refused something, or is gone.
        """
        if self._connection.error is not None and self._events.empty():
            raise self._connection.error
        try:
            return self._event(self._events.get(timeout=timeout_s))
        except queue.Empty:
            return None

    def frames(self) -> Iterator[ClientFrame]:
        """Frames until all that was said so far has ended or was cleared."""
        while not self._is_heard:
            event = self.receive()
            if isinstance(event, ClientFrame):
                yield event

    def stats(self) -> Stats:
        """The server's counters of this character."""
        stats: Stats = self._ask(AskStats(self.name))
        return stats

    def close(self) -> None:
        """End the character."""
        self._ask(Close(self.name))
        self._connection.remove(self)

    def _ask(self, message: Any) -> Any:
        self._is_asking = True
        try:
            self._send(message)
            return raise_if_refused(self._answers.get(timeout=ANSWER_S))
        except queue.Empty:
            raise no_answer(message) from None
        finally:
            self._is_asking = False


class Client:
    """A connection to a server.

    Args:
        url: such as `tcp://127.0.0.1:7601`.
        token: the server's secret, where it has one.
        curve: keys, where the server has them.
        name: tells people who this is.
        blocks: get the frames of all characters in one message; for many characters.
        connect_timeout_s: how long to wait for the server.

    Attributes:
        welcome: what the server said of itself: limits, names of bones and blendshapes.

    Raises:
        ServiceError: nothing answers, or the server refuses this client.
    """

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
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._posting = threading.Lock()
        self._outbox, outbox_end = self._pair(), self._pair()
        self._outbox.bind(_PIPE)
        outbox_end.connect(_PIPE)
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            self._curve = curve
            dealer = open_dealer(self._context, url, curve)
            hello = Hello(name, token, blocks or None)
            self._connection = ClientConnection(url, hello, self._post, answers)
        except UmoError:
            self._context.destroy(linger=0)
            raise
        self._thread = threading.Thread(target=self._carry, args=(dealer, outbox_end), daemon=True)
        self._thread.start()
        try:
            self.welcome: Welcome = raise_if_refused(answers.get(timeout=connect_timeout_s))
        except queue.Empty:
            self.close()
            raise no_server(url) from None
        except BaseException:
            self.close()
            raise

    def open(
        self,
        stream: str,
        *,
        rate_hz: int = 16_000,
        format: SampleFormat = "s16",
        seed: int | None = None,
        paced: bool = False,
    ) -> Npc:
        """Bring a character to life.

        Args:
            stream: its name, 1 to 64 characters.
            rate_hz: of its audio, 8000 to 192000.
            format: how samples travel.
            seed: same seed, same motion; from the name by default.
            paced: send frames when they are due, for a receiver without a clock.

        Raises:
            ServiceError: the server is full, or the name is taken.
        """
        opened = Open(stream, rate_hz, format, seed, paced)
        npc = Npc(opened, self._connection)
        self._connection.add(npc)
        try:
            npc._ask(opened)
        except BaseException:
            self._connection.remove(npc)
            raise
        return npc

    def close(self) -> None:
        """End all characters and the connection."""
        if self._outbox.closed:
            return
        self._connection.say_goodbye()
        self._post(b"")
        self._thread.join()
        self._outbox.close()
        self._context.term()

    def _pair(self) -> zmq.Socket[bytes]:
        pair = self._context.socket(zmq.PAIR)
        pair.sndhwm = pair.rcvhwm = pair.linger = 0
        return pair

    def _post(self, data: bytes) -> None:
        with self._posting:
            self._outbox.send(data)

    def _carry(self, dealer: zmq.Socket[bytes], outbox: zmq.Socket[bytes]) -> None:
        """Carry messages both ways until the outbox says stop."""
        with outbox:
            line = _Line(dealer, outbox)
            while True:
                wait_s = self._connection.beat()
                if self._connection.moved_to is not None:
                    line = self._move(line, self._connection.moved_to)
                for ready, _ in line.poller.poll(round(1000 * wait_s)):
                    data = ready.recv()
                    if ready is line.dealer:
                        self._connection.receive(data)
                    elif ready is line.monitor:
                        time.sleep(self._connection.lose(no_server(line.url)))
                    elif data:
                        line.dealer.send(data)
                    else:
                        line.close()
                        return

    def _move(self, line: "_Line", url: str) -> "_Line":
        """The connection to where the server has sent this client."""
        try:
            dealer: zmq.Socket[bytes] = open_dealer(self._context, url, self._curve)
        except ServiceError as error:
            self._connection.moved_to = None
            self._connection.fail(error)
            return line
        line.close()
        dealer.send(self._connection.arrive())
        return _Line(dealer, line.outbox, url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Line:
    """A socket to a server, and what to wait for besides.

    Args:
        dealer: the socket.
        outbox: where messages to it come from.
        url: of a shard: the end of the connection to it is waited for, too.
    """

    def __init__(self, dealer: zmq.Socket[bytes], outbox: zmq.Socket[bytes], url: str = "") -> None:
        self.dealer, self.outbox, self.url = dealer, outbox, url
        self.monitor = dealer.get_monitor_socket(_OVER) if url else None
        self.poller = zmq.Poller()
        for each in (dealer, outbox, self.monitor):
            if each is not None:
                self.poller.register(each, zmq.POLLIN)

    def close(self) -> None:
        """Let go of the socket."""
        if self.monitor is not None:
            self.dealer.disable_monitor()
            self.monitor.close(linger=0)
        self.dealer.close()
