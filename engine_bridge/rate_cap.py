"""An upper bound on the rate of frames, for receivers that cannot keep up."""

import math

_SLACK_SLOTS = 1e-6  # a frame whose time is a rounding error early belongs to the slot it means


class RateCap:
    """Admits at most one frame per slot of `1 / max_fps` seconds of media time.

    Args:
        max_fps: frames per second; infinity admits everything.
    """

    def __init__(self, max_fps: float = math.inf) -> None:
        self._max_fps = max_fps
        self._slot: int | None = None

    def admits(self, time_s: float) -> bool:
        """Tell whether the frame at `time_s` may pass. A time that is not finite always may."""
        slots = time_s * self._max_fps
        if not math.isfinite(slots):
            return True
        slot = math.floor(slots + _SLACK_SLOTS)
        is_new = slot != self._slot
        self._slot = slot
        return is_new
