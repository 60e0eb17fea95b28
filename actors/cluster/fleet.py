"""Shards as their director sees them, and what it decides: who goes where, and how many there are.

Nothing here knows Ray, so that a simulation can ask it, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

_FREE_SHARE = 0.25  # of all places: with fewer, shards are begun before anybody is refused
_CALM_SHARE = 0.5  # of the places that would be left may be taken for a shard to be closed
_CALM_S = 60.0


@dataclass(frozen=True, slots=True)
class ShardState:
    """A shard at one moment.

    Attributes:
        name: of the shard.
        node: it is on.
        urls: of its endpoints; none while it cannot be reached.
        characters: that are open.
        clients: that have said hello.
        max_streams: characters at most.
        engines: that serve or stand by.
        is_closing: takes no new clients and ends when it is empty.
    """

    name: str
    node: str
    urls: tuple[str, ...]
    characters: int
    clients: int
    max_streams: int
    engines: int = 1
    is_closing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether clients may be sent there."""
        return bool(self.urls) and not self.is_closing


def choose_shard(
    shards: Sequence[ShardState], promised: Mapping[str, int] | None = None
) -> ShardState | None:
    """Where the next client goes: to the least loaded shard, of these to the least loaded node.

    A shard that has no engine yet is the last choice.

    Args:
        shards: all of them.
        promised: by shard, clients that were sent there and have not opened anything yet.

    Returns:
        None if no shard has a free place.
    """
    promised = promised or {}

    def taken(shard: ShardState) -> int:
        return shard.characters + promised.get(shard.name, 0)

    def load(shard: ShardState) -> tuple[bool, float, int, str]:
        on_node = sum(taken(other) for other in shards if other.node == shard.node)
        return not shard.engines, taken(shard) / shard.max_streams, on_node, shard.name

    free = [shard for shard in shards if shard.is_open and taken(shard) < shard.max_streams]
    return min(free, key=load, default=None)


@dataclass(slots=True)
class Scaling:
    """Decides about the number of shards.

    Attributes:
        least: shards.
        most: shards.
    """

    least: int
    most: int
    _calm_since_s: float | None = field(default=None, init=False)

    def missing(self, shards: Sequence[ShardState], num_starting: int) -> int:
        """How many shards to begin.

        Args:
            shards: all of them.
            num_starting: shards that were begun and are not among them yet.
        """
        going_on = [shard for shard in shards if not shard.is_closing]
        count = len(going_on) + num_starting
        if count < self.least:
            return self.least - count
        taken = sum(shard.characters for shard in going_on)
        size = max((shard.max_streams for shard in going_on), default=1)  # they are all alike
        needed = ceil(taken / (1 - _FREE_SHARE) / size)
        return max(0, min(needed, self.most) - count)

    def to_close(self, shards: Sequence[ShardState], now_s: float) -> ShardState | None:
        """The shard that is not needed after a calm period: the emptiest one."""
        going_on = [shard for shard in shards if not shard.is_closing]
        emptiest = min(going_on, key=lambda shard: (shard.characters, shard.name), default=None)
        places = sum(shard.max_streams for shard in going_on if shard is not emptiest)
        taken = sum(shard.characters for shard in going_on)
        if len(going_on) <= self.least or taken > _CALM_SHARE * places:
            self._calm_since_s = None
            return None
        if self._calm_since_s is None:
            self._calm_since_s = now_s
        if now_s - self._calm_since_s < _CALM_S:
            return None
        self._calm_since_s = None
        return emptiest
