"""Text tokens of a stream that wait for its next keyframe."""

from collections import deque
from collections.abc import Iterable

import numpy as np

from actors.networks import NO_TEXT, TEXT_SLOTS
from umo_runtime.types import IntArray

_MOST_WAITING = 1024  # older ones are so late that they are forgotten


class TextQueue:
    """Tokens, oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[int] = deque(maxlen=_MOST_WAITING)

    def extend(self, tokens: Iterable[int]) -> None:
        """Let tokens wait."""
        self._waiting.extend(tokens)

    def take(self) -> IntArray:
        """Take those of one keyframe, [8]; more than that wait for the next."""
        slots = np.full(TEXT_SLOTS, NO_TEXT, np.int64)
        count = min(TEXT_SLOTS, len(self._waiting))
        slots[:count] = [self._waiting.popleft() for _ in range(count)]
        return slots
