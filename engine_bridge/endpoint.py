"""What a server needs of a transport: messages from clients and to them."""

import socket
from collections.abc import Callable, Hashable
from typing import Protocol

from umo_runtime.errors import OutputError

# Seconds that an endpoint takes messages without a pause, and of the pause: a flood must leave time
# for frames, also to the threads that make them.
BUSY_S, PAUSE_S = 0.003, 0.006
Receive = Callable[[Hashable, bytes], None]
Leave = Callable[[Hashable], None]


class Endpoint(Protocol):
    """Runs in an asyncio loop; everything is called in its thread."""

    @property
    def url(self) -> str:
        """Where clients find it, with the port that it really has."""
        ...

    def send(self, client: Hashable, data: bytes) -> None:
        """Send to a client of this endpoint; never blocks and never raises."""
        ...

    async def close(self) -> None:
        """Let go of the port."""
        ...


def resolve(host: str) -> str:
    """Numeric address of a host, [in brackets] if it is of version 6.

    Raises:
        OutputError: there is no such host.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise OutputError(f"cannot listen at {host!r} ({error}); choose another --host") from error
    return f"[{address[0]}]" if family == socket.AF_INET6 else str(address[0])
