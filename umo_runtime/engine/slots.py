"""Which stream lives in which row of the batch."""

from collections.abc import Sequence

import numpy as np

from umo_runtime.errors import EngineError
from umo_runtime.types import IntArray


class Slots:
    """Rows handed out to streams, lowest free row first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._rows: dict[str, int] = {}
        self._free = list(range(capacity - 1, -1, -1))

    def __len__(self) -> int:
        return len(self._rows)

    def admit(self, stream: str) -> int:
        """Give a stream a row.

        Raises:
            EngineError: the stream is there already, or all rows are taken.
        """
        if stream in self._rows:
            raise EngineError(f"stream {stream!r} is admitted already; evict it first")
        if not self._free:
            raise EngineError(
                f"all {self._capacity} slots are taken; evict a stream or raise the capacity"
            )
        self._rows[stream] = row = self._free.pop()
        return row

    def admit_all(self, streams: Sequence[str]) -> IntArray:
        """Give every stream a row, or none of them.

        Raises:
            EngineError: a stream is there already, or there are not enough rows.
        """
        admitted: list[str] = []
        try:
            for stream in streams:
                self.admit(stream)
                admitted.append(stream)
        except EngineError:
            for stream in admitted:
                self.evict(stream)
            raise
        return self.rows(streams)

    def evict(self, stream: str) -> None:
        """Take the row back.

        Raises:
            EngineError: the stream is not there.
        """
        row = self.rows((stream,))[0]
        del self._rows[stream]
        self._free.append(int(row))
        self._free.sort(reverse=True)

    def rows(self, streams: Sequence[str]) -> IntArray:
        """Rows of streams, in their order.

        Raises:
            EngineError: one of them is not admitted.
        """
        try:
            return np.array([self._rows[stream] for stream in streams], dtype=np.int64)
        except KeyError as error:
            raise EngineError(f"stream {error.args[0]!r} is not admitted; admit it first") from None
