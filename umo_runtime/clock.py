"""Time as a dependency: real for users, manual for tests."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds and a way to wait for a deadline on that scale."""

    def now_s(self) -> float:
        """Return seconds on a monotonic scale with an arbitrary origin."""
        ...

    def wait_until(self, deadline_s: float) -> None:
        """Block until `now_s() >= deadline_s`; return at once when it has passed."""
        ...


class MonotonicClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()

    def wait_until(self, deadline_s: float) -> None:
        """Sleep until the absolute deadline, so that errors do not add up."""
        remaining_s = deadline_s - time.monotonic()
        if remaining_s > 0:
            time.sleep(remaining_s)


class ManualClock:
    """A clock that moves only when a test advances it. Safe to share between threads."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s
        self._moved = threading.Condition()

    def now_s(self) -> float:
        """Return the time last set."""
        with self._moved:
            return self._now_s

    def advance(self, seconds: float) -> None:
        """Move time forward and wake everyone whose deadline has passed."""
        with self._moved:
            self._now_s += seconds
            self._moved.notify_all()

    def wait_until(self, deadline_s: float) -> None:
        """Block until another thread advances the clock to the deadline."""
        with self._moved:
            self._moved.wait_for(lambda: self._now_s >= deadline_s)
