"""The numbers that decide what a stream's keyframes are: its own, by its seed."""

from collections.abc import Sequence

import numpy as np

from umo_runtime.types import FloatArray, IntArray

_AHEAD = 32  # keyframes whose numbers are drawn at once: a call costs more than its numbers


class Uniforms:
    """Numbers in 0..1 by row; a row's sequence depends on its seed alone.

    Args:
        rows: of streams.
        positions: numbers a keyframe takes.
    """

    def __init__(self, rows: int, positions: int) -> None:
        self._random: list[np.random.Generator | None] = [None] * rows
        self._drawn = np.zeros((rows, _AHEAD, positions), np.float32)
        self._taken = np.zeros(rows, np.int64)

    def begin(self, rows: IntArray, seeds: Sequence[int]) -> None:
        """Start rows [B] over."""
        for row, seed in zip(rows.tolist(), seeds, strict=True):
            self._random[row] = np.random.default_rng(seed)
            self._draw(row, row % _AHEAD)
        self._taken[rows] = rows % _AHEAD  # so that not all that begin together draw together

    def take(self, rows: IntArray) -> FloatArray:
        """The next numbers [B, P] of different rows [B]."""
        places = self._taken[rows] % _AHEAD
        numbers: FloatArray = self._drawn[rows, places]
        self._taken[rows] += 1
        for row in rows[places == _AHEAD - 1].tolist():
            self._draw(row, 0)
        return numbers

    def _draw(self, row: int, start: int) -> None:
        random = self._random[row]
        assert random is not None  # rows begin
        self._drawn[row, start:] = random.random(self._drawn[row, start:].shape)
