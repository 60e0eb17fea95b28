"""The one address of many shards: it answers `hello` with where the client's place is."""

import hmac
from collections.abc import Callable, Hashable, Sequence

from actors.cluster.fleet import ShardState, choose_shard
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import CLIENT_MESSAGES, Hello, Moved, Refusal
from umo_runtime.clock import Clock
from umo_runtime.errors import CodedError, ServiceError, UmoError

_PROMISE_S = 5.0  # after which a client has opened what it wanted, or will not


class FrontDoor:
    """Sends clients to shards.

    Args:
        token: what they must know; empty: nothing.
        send: sends bytes to a client; never blocks, never raises.
        clock: when a promise is over.

    Attributes:
        shards: as they were last seen; to be replaced.
    """

    def __init__(self, token: str, send: Callable[[Hashable, bytes], None], clock: Clock) -> None:
        self.shards: Sequence[ShardState] = ()
        self._token, self._send, self._clock = token, send, clock
        self._promises: list[tuple[float, str]] = []

    def receive(self, client: Hashable, data: bytes) -> None:
        """Answer one message."""
        scheme = "tcp://" if isinstance(client, bytes) else "ws://"
        try:
            answer: Moved | Refusal = Moved(self._place(decode(data, CLIENT_MESSAGES), scheme))
        except UmoError as error:
            code = error.code if isinstance(error, CodedError) else "value"
            answer = Refusal(code, str(error))
        self._send(client, encode(answer))

    def _place(self, message: object, scheme: str) -> str:
        if not isinstance(message, Hello):
            raise ServiceError("hello", "this address only takes hello; go where it says")
        if not hmac.compare_digest(message.token.encode(), self._token.encode()):
            raise ServiceError("token", "the token is wrong; ask whoever runs the server for it")
        now_s = self._clock.now_s()
        self._promises = [each for each in self._promises if now_s - each[0] < _PROMISE_S]
        names = [name for _, name in self._promises]
        promised = {name: names.count(name) for name in names}
        # A promise that was kept counts twice for a moment: nobody is refused for that.
        shard = choose_shard(self.shards, promised) or choose_shard(self.shards)
        url = next((url for url in shard.urls if url.startswith(scheme)), None) if shard else None
        if shard is None or url is None:
            raise ServiceError("full", "no shard has a place now; try later")
        self._promises.append((now_s, shard.name))
        return url
