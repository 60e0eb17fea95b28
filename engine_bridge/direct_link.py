"""ZeroMQ clients without threads of their own, for measurements: messages in, arrivals dated."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Protocol, Self

import zmq

from engine_bridge.client_connection import no_server
from engine_bridge.client_stream import raise_if_refused
from engine_bridge.wire import decode_from_server, encode
from engine_bridge.wire_messages import Hello, Moved, Welcome
from engine_bridge.zmq_dealer import open_dealer
from umo_runtime.clock import Clock

_CONNECT_S = 10.0


class Link(Protocol):
    """What a measurement needs of a connection."""

    def send(self, message: Any) -> None:
        """Send a message."""
        ...

    def receive_until(self, deadline_s: float) -> Iterator[tuple[Any, float]]:
        """Messages as they arrive and the times at which they do; ends at the deadline.

        Raises:
            ServiceError: one is a refusal.
        """
        ...


class DirectLink:
    """A connection that reads only while it is asked to; a context manager.

    Args:
        url: such as `tcp://127.0.0.1:7601`.
        clock: dates what arrives.
        token: the server's secret, where it has one.
        blocks: get the frames of all characters in one message.

    Raises:
        ServiceError: nothing answers, or the server refuses this client.
    """

    def __init__(self, url: str, clock: Clock, token: str = "", *, blocks: bool = False) -> None:
        self._clock = clock
        self._hello = Hello("measurement", token, blocks or None)
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._dealer = self._greet(url)
        except BaseException:
            self._context.destroy(linger=0)
            raise

    def _greet(self, url: str) -> Any:
        """A socket to the server, or to the one that it names."""
        self._dealer = open_dealer(self._context, url)
        self.send(self._hello)
        for message, _ in self.receive_until(self._clock.now_s() + _CONNECT_S):
            if isinstance(message, Moved):
                self._dealer.close()
                return self._greet(message.url)
            if isinstance(message, Welcome):
                return self._dealer
        raise no_server(url)

    def send(self, message: Any) -> None:
        """Send a message."""
        self._dealer.send(encode(message))

    def receive_until(self, deadline_s: float) -> Iterator[tuple[Any, float]]:
        """Messages as they arrive and the times at which they do; ends at the deadline.

        Raises:
            ServiceError: one is a refusal.
        """
        while (wait_s := deadline_s - self._clock.now_s()) > 0:
            try:
                yield from self._receive(
                    zmq.NOBLOCK
                )  # to wait first would take longer than to read
            except zmq.Again:
                if not self._dealer.poll(1000 * wait_s):
                    return

    def _receive(self, flags: int = 0) -> Iterator[tuple[Any, float]]:
        data = self._dealer.recv(flags)
        arrived_s = self._clock.now_s()
        for message in decode_from_server(data):
            yield raise_if_refused(message), arrived_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.destroy()


class DirectLinks:
    """Several connections as one: streams are spread over them in turn; a context manager.

    Args:
        url: of a server, or of the front door of many, which gives each connection its place.
        count: connections.
        clock: dates what arrives.
        token: the server's secret, where it has one.

    Raises:
        ServiceError: nothing answers, or the server refuses this client.
    """

    def __init__(self, url: str, count: int, clock: Clock, token: str = "") -> None:
        self._clock = clock
        self._by_stream: dict[str, DirectLink] = {}
        with ExitStack() as stack:
            self._links: Sequence[DirectLink] = [
                stack.enter_context(DirectLink(url, clock, token)) for _ in range(count)
            ]
            self._stack = stack.pop_all()
        self._poller = zmq.Poller()
        self._by_socket = {link._dealer: link for link in self._links}
        for dealer in self._by_socket:
            self._poller.register(dealer, zmq.POLLIN)

    def send(self, message: Any) -> None:
        """Send a message of a stream over the connection that it is on."""
        turn = len(self._by_stream) % len(self._links)
        self._by_stream.setdefault(message.stream, self._links[turn]).send(message)

    def receive_until(self, deadline_s: float) -> Iterator[tuple[Any, float]]:
        """Messages of all connections as they arrive; see `DirectLink.receive_until`."""
        while (wait_s := deadline_s - self._clock.now_s()) > 0:
            ready = self._poller.poll(int(1000 * wait_s))
            if not ready:
                return
            for dealer, _ in ready:
                yield from self._by_socket[dealer]._receive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
