"""Shuts out what is quieter than a threshold: keyboards, fans, somebody in the next room."""

from umo_runtime.audio.level import LEVEL_RATE_HZ, SILENCE_DB
from umo_runtime.errors import ConfigError

_HOLD_S = 0.2  # word ends are quiet


class NoiseGate:
    """Opens with the block that reaches the threshold, shuts some time after the last.

    Args:
        threshold_db: level of 10 ms, of full scale, in -120..0.

    Raises:
        ConfigError: no level is so low or so high.
    """

    def __init__(self, threshold_db: float) -> None:
        if not SILENCE_DB <= threshold_db <= 0:
            raise ConfigError(
                f"gate is {threshold_db:g} dB; give a level from {SILENCE_DB:g} to 0, such as -45"
            )
        self._threshold_db = threshold_db
        self._blocks_left = 0

    def step(self, level_db: float) -> bool:
        """Take the level of the next 10 ms block and tell whether sound may pass."""
        if level_db >= self._threshold_db:
            self._blocks_left = round(_HOLD_S * LEVEL_RATE_HZ) + 1
        self._blocks_left = max(0, self._blocks_left - 1)
        return self._blocks_left > 0
