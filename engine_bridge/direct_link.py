"""A ZeroMQ client without a thread of its own, for measurements: messages in, arrivals dated."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import zmq

from engine_bridge.client_connection import no_server
from engine_bridge.client_stream import raise_if_refused
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import SERVER_MESSAGES, Hello, Welcome
from engine_bridge.zmq_dealer import open_dealer
from umo_runtime.clock import Clock

_CONNECT_S = 10.0


class DirectLink:
    """A connection that reads only while it is asked to; a context manager.

    Args:
        url: such as `tcp://127.0.0.1:7601`.
        clock: dates what arrives.
        token: the server's secret, where it has one.

    Raises:
        ServiceError: nothing answers, or the server refuses this client.
    """

    def __init__(self, url: str, clock: Clock, token: str = "") -> None:
        self._clock = clock
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._dealer = open_dealer(self._context, url)
            self.send(Hello("measurement", token))
            arrivals = self.receive_until(clock.now_s() + _CONNECT_S)
            if not any(isinstance(message, Welcome) for message, _ in arrivals):
                raise no_server(url)
        except BaseException:
            self._context.destroy(linger=0)
            raise

    def send(self, message: Any) -> None:
        """Send a message."""
        self._dealer.send(encode(message))

    def receive_until(self, deadline_s: float) -> Iterator[tuple[Any, float]]:
        """Messages as they arrive and the times at which they do; ends at the deadline.

        Raises:
            ServiceError: one is a refusal.
        """
        while (wait_s := deadline_s - self._clock.now_s()) > 0 and self._dealer.poll(1000 * wait_s):
            data = self._dealer.recv()
            arrived_s = self._clock.now_s()
            yield raise_if_refused(decode(data, SERVER_MESSAGES)), arrived_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.destroy()
