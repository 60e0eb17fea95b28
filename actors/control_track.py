"""What one stream is told, over its own samples."""

from collections import deque

from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ


class ControlTrack:
    """Holds controls from the sample on which they were given until those that follow them."""

    def __init__(self) -> None:
        self._told: deque[tuple[int, Controls]] = deque()

    def tell(self, start_sample: int, controls: Controls) -> None:
        """Give the controls from a sample on, not before the one of the last call."""
        if not self._told or self._told[-1][1] != controls:
            self._told.append((start_sample, controls))

    def at(self, frame: int) -> Controls:
        """Controls at the time of a frame, not before the one of the last call."""
        while len(self._told) > 1 and self._told[1][0] * FRAME_RATE_HZ <= frame * SAMPLE_RATE_HZ:
            self._told.popleft()
        return self._told[0][1] if self._told else NEUTRAL
