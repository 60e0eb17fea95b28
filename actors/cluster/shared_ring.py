"""A queue of byte records between two processes of one machine, in memory that both see.

One process puts, one takes. The memory is a file without a name (`memfd_create`) and the bell an
`eventfd`: both travel as descriptors over a unix socket, and the kernel frees them with the last
process that holds them, however that one ends. Nobody takes a lock, so a process that is stopped
or killed in the middle of anything holds up nobody: every counter has one writer, a record is
announced when it is whole, and a reader who was overtaken while it copied copies again. That relies
on stores being seen in their order, as x86-64 promises.
"""

import mmap
import os
import select
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from actors.channel import Policy
from umo_runtime.errors import ConfigError, OutputError

AGES_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.03, 0.1)  # bounds of the ages counted
_NUM_WORDS = 64
_HEADER_BYTES = 8 * _NUM_WORDS
# Words of the header. The writer's, in a cache line of their own,
_CAPACITY, _DROPS, _HEAD, _FLOOR, _PUT, _BEFORE_FLOOR, _BEATS = range(7)
# and the reader's.
_TAIL, _SEEN, _TAKEN, _RECORDS, _AGE_SUM_NS = range(16, 21)
_AGES = 32  # one word an age, the last for all beyond
# Words of a record's header, which is as long as what records are aligned to.
_SIZE, _COUNT, _BEFORE, _PUT_NS = range(4)
_ALIGN = 32
_PAUSE_S = 0.001  # between looks of a writer that waits for room


@dataclass(frozen=True, slots=True)
class Record:
    """What was put at once.

    Attributes:
        data: its bytes.
        count: items in it.
        age_s: since it was put.
    """

    data: bytes
    count: int
    age_s: float


@dataclass(frozen=True, slots=True)
class RingStats:
    """Counters of a ring; `put == taken + dropped + depth` holds while nobody moves.

    Attributes:
        depth: items waiting.
        put: items ever put.
        taken: items the reader got.
        dropped: items that were overwritten before it came.
        records: records the reader got.
        age_sum_s: of their ages.
        ages: how many were at most as old as each of `AGES_S`, and how many older.
    """

    depth: int
    put: int
    taken: int
    dropped: int
    records: int
    age_sum_s: float
    ages: tuple[int, ...]


class RingFullError(TimeoutError):
    """The reader made no room in time."""


class SharedRing:
    """One end of a ring; a context manager.

    Args:
        memory: descriptor of its memory; the ring owns it from now on.
        bell: descriptor of the `eventfd` that tells the reader; likewise.
    """

    def __init__(self, memory: int, bell: int) -> None:
        self.descriptors = memory, bell
        self._map = mmap.mmap(memory, 0)
        self._bytes = memoryview(self._map)
        # Eight bytes at once: `struct` with a byte order would write a counter byte by byte.
        self._words = self._bytes[:_HEADER_BYTES].cast("Q")
        self._data = self._bytes[_HEADER_BYTES:]
        self._heads = self._data.cast("Q")
        self._capacity = self._words[_CAPACITY]
        self._poll = select.poll()
        self._poll.register(bell, select.POLLIN)

    @classmethod
    def create(cls, capacity: int, policy: Policy = "block") -> Self:
        """Make a ring.

        Args:
            capacity: bytes that it holds, records' headers (32) included.
            policy: what `put` does when it is full.

        Raises:
            ConfigError: it is too small for a record.
            OutputError: the system has no such memory.
        """
        capacity = capacity // _ALIGN * _ALIGN
        if capacity < 2 * _ALIGN:
            raise ConfigError(f"ring capacity is {capacity} bytes; give at least {2 * _ALIGN}")
        try:
            memory = os.memfd_create("umo-ring")
            os.ftruncate(memory, _HEADER_BYTES + capacity)
            bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        except (OSError, AttributeError) as error:
            raise OutputError(
                f"no memory to share between processes ({error}); run with --runner embedded"
            ) from error
        with mmap.mmap(memory, _HEADER_BYTES) as header, memoryview(header).cast("Q") as words:
            words[_CAPACITY], words[_DROPS] = capacity, policy == "drop_oldest"
        return cls(memory, bell)

    def put(self, data: bytes, count: int = 1, timeout_s: float = 0.0) -> None:
        """Append a record.

        Args:
            data: its bytes.
            count: items in it, for the counters.
            timeout_s: how long to wait for room, where nothing may be dropped.

        Raises:
            RingFullError: nothing may be dropped and the reader made no room.
            ConfigError: it is larger than the ring.
        """
        words = self._words
        size, head = _padded(len(data)), words[_HEAD]
        if size > self._capacity:
            raise ConfigError(f"a record has {len(data)} bytes, the ring {self._capacity}")
        if words[_DROPS]:
            self._drop_until_free(head + size - self._capacity)
        elif head + size - words[_TAIL] > self._capacity:
            self._wait_for_room(head + size - self._capacity, timeout_s)
        start = head % self._capacity
        at = start // 8
        self._heads[at + _SIZE], self._heads[at + _COUNT] = len(data), count
        self._heads[at + _BEFORE], self._heads[at + _PUT_NS] = words[_PUT], time.monotonic_ns()
        start += _ALIGN
        first = min(len(data), self._capacity - start)
        self._data[start : start + first] = data[:first]
        self._data[: len(data) - first] = data[first:]
        words[_PUT] += count
        words[_HEAD] = head + size
        os.eventfd_write(self.descriptors[1], 1)

    def take(self) -> Record | None:
        """The oldest record; None if there is none."""
        words, tail = self._words, self._words[_TAIL]
        while True:
            tail = max(tail, words[_FLOOR])
            if tail >= words[_HEAD]:
                return None
            start = tail % self._capacity
            size, count, before, put_ns = self._heads[start // 8 : start // 8 + 4]
            start += _ALIGN
            first = min(size, self._capacity - start)
            data = bytes(self._data[start : start + first])
            if size > first:
                data += self._data[: min(size - first, self._capacity)]
            if words[_FLOOR] <= tail:
                break  # nobody has written here meanwhile
        words[_SEEN] = before + count
        words[_TAKEN] += count
        words[_TAIL] = tail + _padded(size)
        age_ns = max(0, time.monotonic_ns() - put_ns)
        words[_RECORDS] += 1
        words[_AGE_SUM_NS] += age_ns
        age_s = age_ns / 1e9
        words[_AGES + sum(age_s > bound for bound in AGES_S)] += 1
        return Record(data, count, age_s)

    def take_all(self) -> Iterator[Record]:
        """The records that wait; after it the bell is silent until another comes."""
        with suppress(BlockingIOError):
            os.eventfd_read(self.descriptors[1])
        while (record := self.take()) is not None:
            yield record

    def wait(self, timeout_s: float) -> bool:
        """Wait until the bell rings; whether it did."""
        return bool(self._poll.poll(1000 * timeout_s))

    def fileno(self) -> int:
        """Descriptor of the bell, for a loop of the reader's."""
        return self.descriptors[1]

    def beat(self) -> None:
        """Give a sign of the writer's life."""
        self._words[_BEATS] += 1

    @property
    def beats(self) -> int:
        """Signs of life so far."""
        return self._words[_BEATS]

    def stats(self) -> RingStats:
        """Read the counters, at either end."""
        words = self._words
        passed = max(words[_SEEN], words[_BEFORE_FLOOR])
        return RingStats(
            depth=words[_PUT] - passed,
            put=words[_PUT],
            taken=words[_TAKEN],
            dropped=passed - words[_TAKEN],
            records=words[_RECORDS],
            age_sum_s=words[_AGE_SUM_NS] / 1e9,
            ages=tuple(self._words[_AGES : _AGES + len(AGES_S) + 1]),
        )

    def close(self) -> None:
        """Let go of this end."""
        if self._map.closed:
            return
        for view in (self._words, self._heads, self._data, self._bytes):
            view.release()
        self._map.close()
        for descriptor in self.descriptors:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _drop_until_free(self, needed: int) -> None:
        """Give up the oldest records up to a position, before they are written over."""
        words, before = self._words, 0
        oldest = max(words[_FLOOR], words[_TAIL])
        if oldest >= needed:
            return
        while oldest < needed:
            at = oldest % self._capacity // 8
            before = self._heads[at + _BEFORE] + self._heads[at + _COUNT]
            oldest += _padded(self._heads[at + _SIZE])
        words[_BEFORE_FLOOR], words[_FLOOR] = before, oldest

    def _wait_for_room(self, needed: int, timeout_s: float) -> None:
        until_s = time.monotonic() + timeout_s
        while self._words[_TAIL] < needed:
            if time.monotonic() >= until_s:
                raise RingFullError(f"the other end took nothing for {timeout_s:g} s")
            time.sleep(_PAUSE_S)


def _padded(size: int) -> int:
    """Bytes that a record of so many takes, header included."""
    return _ALIGN + -(-size // _ALIGN) * _ALIGN
