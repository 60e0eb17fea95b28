"""Brings every voice to one loudness, slowly, and only while it speaks."""

import math

from umo_runtime.audio.level import LEVEL_RATE_HZ

TARGET_DB = -20.0  # of speech, as in the middle of what the networks were trained on
MIN_GAIN_DB, MAX_GAIN_DB = -20.0, 30.0
_MEMORY_S = 1.5  # of speech, pauses not counted
_UP_DB_S, _DOWN_DB_S = 6.0, 20.0


class AutomaticGain:
    """Follows the loudness of speech, one 10 ms block after the other; holds still in pauses."""

    def __init__(self) -> None:
        self._power = 0.0
        self._weight = 0.0
        self._gain_db = 0.0

    def step(self, level_db: float, is_voice: bool) -> float:
        """Take the next block's level and return the gain, in dB, for what follows.

        It lies in -20..30 dB, rises by at most 6 dB and falls by at most 20 dB a second.
        """
        if is_voice:
            self._remember(level_db)
            wanted_db = TARGET_DB - 10 * math.log10(self._power / self._weight)
            wanted_db = min(max(wanted_db, MIN_GAIN_DB), MAX_GAIN_DB)
            lowest = self._gain_db - _DOWN_DB_S / LEVEL_RATE_HZ
            self._gain_db = min(max(wanted_db, lowest), self._gain_db + _UP_DB_S / LEVEL_RATE_HZ)
        return self._gain_db

    def _remember(self, level_db: float) -> None:
        """Average power; dividing by the weights makes the first blocks count in full."""
        kept = math.exp(-1 / (_MEMORY_S * LEVEL_RATE_HZ))
        self._power = kept * self._power + (1 - kept) * 10 ** (level_db / 10)
        self._weight = kept * self._weight + (1 - kept)
