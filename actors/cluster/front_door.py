"""The one address of many shards: it answers `hello` with where the client's place is.

What it knows of shards is up to two seconds old, and the clients of one that has just died come
back all at once: it knocks at a shard before it sends anybody there.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Hashable, Sequence

from actors.cluster.fleet import ShardState, choose_shard
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import CLIENT_MESSAGES, Hello, Moved, Refusal
from umo_runtime.clock import Clock
from umo_runtime.errors import CodedError, ServiceError, UmoError

_PROMISE_S = 5.0  # after which a client has opened what it wanted, or will not
_KNOCKS_S = (0.1, 1.0)  # to wait for an answer: where all are slow, longer


class FrontDoor:
    """Sends clients to shards.

    Args:
        token: what they must know; empty: nothing.
        send: sends bytes to a client; never blocks, never raises.
        clock: when a promise is over.
        is_there: whether anybody answers at a shard's URLs within so many seconds.

    Attributes:
        shards: as they were last seen; to be replaced.
    """

    def __init__(
        self,
        token: str,
        send: Callable[[Hashable, bytes], None],
        clock: Clock,
        is_there: Callable[[Sequence[str], float], Awaitable[bool]],
    ) -> None:
        self.shards: Sequence[ShardState] = ()
        self._token, self._send, self._clock, self._is_there = token, send, clock, is_there
        self._promises: list[tuple[float, str]] = []

    async def receive(self, client: Hashable, data: bytes) -> None:
        """Answer one message."""
        scheme = "tcp://" if isinstance(client, bytes) else "ws://"
        try:
            self._check(decode(data, CLIENT_MESSAGES))
            answer: Moved | Refusal = Moved(await self._place(scheme))
        except UmoError as error:
            code = error.code if isinstance(error, CodedError) else "value"
            answer = Refusal(code, str(error))
        self._send(client, encode(answer))

    def _check(self, message: object) -> None:
        if not isinstance(message, Hello):
            raise ServiceError("hello", "this address only takes hello; go where it says")
        if not hmac.compare_digest(message.token.encode(), self._token.encode()):
            raise ServiceError("token", "the token is wrong; ask whoever runs the server for it")

    async def _place(self, scheme: str) -> str:
        """The address of a shard that has a place and is there."""
        for patience_s in _KNOCKS_S:
            gone: set[str] = set()
            while shard := self._choose(scheme, gone):
                promise = self._clock.now_s(), shard.name
                self._promises.append(promise)
                if await self._is_there(shard.urls, patience_s):
                    return next(url for url in shard.urls if url.startswith(scheme))
                self._promises.remove(promise)
                gone.add(shard.name)
        raise ServiceError("full", "no shard has a place now; try later")

    def _choose(self, scheme: str, gone: set[str]) -> ShardState | None:
        now_s = self._clock.now_s()
        self._promises = [each for each in self._promises if now_s - each[0] < _PROMISE_S]
        names = [name for _, name in self._promises]
        promised = {name: names.count(name) for name in names}
        shards = [
            shard
            for shard in self.shards
            if shard.name not in gone and any(url.startswith(scheme) for url in shard.urls)
        ]
        # A promise that was kept counts twice for a moment: nobody is refused for that.
        return choose_shard(shards, promised) or choose_shard(shards)


async def is_there(urls: Sequence[str], patience_s: float) -> bool:
    """Whether a shard answers at its address of ZeroMQ, which every shard has.

    That of a process which is being ended may still be connected to; but only a living one begins
    with its half of ZMTP's greeting (rfc.zeromq.org/spec/23), which nobody has to ask for.
    """
    url = next(url for url in urls if url.startswith("tcp://"))
    host, _, port = url.removeprefix("tcp://").rpartition(":")
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                return bool(await reader.read(1))
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
