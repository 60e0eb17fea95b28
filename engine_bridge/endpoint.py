"""What a server needs of a transport: messages from clients and to them."""

from collections.abc import Callable, Hashable
from typing import Protocol

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
