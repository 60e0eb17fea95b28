"""Tells, while sound comes in, whether somebody speaks: louder than the quietest of late.

Speech dips between words, a fan or a hum does not. So steady noise of any loudness is no voice.
"""

from collections import deque

from umo_runtime.audio.level import LEVEL_RATE_HZ, SILENCE_DB

_ABOVE_FLOOR_DB = 10.0
_QUIETEST_FLOOR_DB = -70.0
_MEMORY_S = 2.0
_HANGOVER_S = 0.15  # closures of P, T and K belong to the word


class VoiceActivity:
    """Decides for one 10 ms block after the other."""

    def __init__(self) -> None:
        self._levels_db: deque[float] = deque(maxlen=round(_MEMORY_S * LEVEL_RATE_HZ))
        self._blocks_left = 0

    def step(self, level_db: float) -> bool:
        """Take the level of the next block and tell whether it belongs to speech."""
        if level_db > SILENCE_DB:  # a muted device says nothing about the room
            self._levels_db.append(level_db)
        floor_db = max(_QUIETEST_FLOOR_DB, min(self._levels_db, default=_QUIETEST_FLOOR_DB))
        if level_db > floor_db + _ABOVE_FLOOR_DB:
            self._blocks_left = round(_HANGOVER_S * LEVEL_RATE_HZ)
            return True
        self._blocks_left = max(0, self._blocks_left - 1)
        return self._blocks_left > 0
