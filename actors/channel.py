"""A bounded, typed queue between two threads of one process.

`block` makes writers wait for the reader and loses nothing: for files. `drop_oldest` never waits
and throws away the stalest item: for live input, where late is worse than lost. It counts what it
drops.
"""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.errors import ConfigError

T = TypeVar("T")
Policy = Literal["block", "drop_oldest"]


class ChannelClosed(Exception):  # noqa: N818 - an end, not an error, like StopIteration
    """Nothing more can be put, or nothing more will come."""


@dataclass(frozen=True, slots=True)
class ChannelStats:
    """Counters of a channel at one moment; `put == taken + dropped + depth` always holds.

    Attributes:
        depth: items waiting.
        put: items ever put.
        taken: items the reader got.
        dropped: items thrown away, by the policy or by `cancel`.
        newest_age_s: time since the newest waiting item was put; None when none waits.
    """

    depth: int
    put: int
    taken: int
    dropped: int
    newest_age_s: float | None


class Channel(Generic[T]):
    """Many writers, one reader, any threads.

    Args:
        capacity: items it holds, at least 1.
        policy: what `put` does when it is full.
        writers: how many `close` calls end it.
        clock: tells the age of items.
    """

    def __init__(
        self,
        capacity: int,
        policy: Policy = "block",
        writers: int = 1,
        clock: Clock | None = None,
    ) -> None:
        if capacity < 1:
            raise ConfigError(f"channel capacity is {capacity}; give at least 1")
        self._capacity = capacity
        self._policy = policy
        self._open_writers = writers
        self._clock = clock or MonotonicClock()
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._put = self._taken = self._dropped = 0
        self._newest_put_s = 0.0
        self._is_cancelled = False

    def put(self, item: T) -> None:
        """Append an item.

        Raises:
            ChannelClosed: all writers closed it or it was cancelled.
        """
        with self._changed:
            if self._policy == "block":
                self._changed.wait_for(lambda: len(self._items) < self._capacity or self._is_closed)
            if self._is_closed:
                raise ChannelClosed
            if len(self._items) == self._capacity:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._put += 1
            self._newest_put_s = self._clock.now_s()
            self._changed.notify_all()

    def get(self, timeout_s: float | None = None) -> T:
        """Wait for the oldest item and take it.

        Raises:
            ChannelClosed: it is closed and empty, or cancelled.
            TimeoutError: nothing came within `timeout_s` seconds.
        """
        return self.get_batch(1, timeout_s)[0]

    def get_batch(self, max_items: int, timeout_s: float | None = None) -> list[T]:
        """Wait for one item, then take all that wait, oldest first, up to `max_items`.

        Raises:
            ChannelClosed: it is closed and empty, or cancelled.
            TimeoutError: nothing came within `timeout_s` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._is_closed, timeout_s):
                raise TimeoutError(f"no item came within {timeout_s} s")
            if not self._items:
                raise ChannelClosed
            batch = [self._items.popleft() for _ in range(min(max_items, len(self._items)))]
            self._taken += len(batch)
            self._changed.notify_all()
            return batch

    def close(self) -> None:
        """Say that one writer is done; after the last, the reader gets the rest and the end."""
        with self._changed:
            self._open_writers = max(0, self._open_writers - 1)
            self._changed.notify_all()

    def cancel(self) -> None:
        """Throw everything away and wake writers and reader with `ChannelClosed`."""
        with self._changed:
            self._is_cancelled = True
            self._dropped += len(self._items)
            self._items.clear()
            self._changed.notify_all()

    def stats(self) -> ChannelStats:
        """Read the counters."""
        with self._changed:
            age_s = self._clock.now_s() - self._newest_put_s if self._items else None
            return ChannelStats(len(self._items), self._put, self._taken, self._dropped, age_s)

    @property
    def _is_closed(self) -> bool:
        return self._is_cancelled or self._open_writers == 0

    def __iter__(self) -> Iterator[T]:
        """Take items until the end."""
        while True:
            try:
                item = self.get()
            except ChannelClosed:
                return
            yield item
