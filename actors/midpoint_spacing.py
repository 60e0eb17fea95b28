"""Sends the two frames of a 60 fps pair one after the other: they are made at the same moment."""

from engine_bridge.frame_sink import FrameSink
from umo_runtime.clock import Clock
from umo_runtime.types import FRAME_RATE_HZ, MotionFrame

_PERIOD_S = 0.5 / FRAME_RATE_HZ


class MidpointSpacing:
    """A `FrameSink` in front of another: a frame out of the same sound as the last waits 1/60 s.

    At 30 fps every frame has sound of its own and passes at once.
    """

    def __init__(self, sink: FrameSink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock
        self._captured_s: float | None = None
        self._sent_s = 0.0

    def write(self, frame: MotionFrame) -> None:
        """Pass a frame on, when it is time."""
        if frame.captured_s == self._captured_s:
            self._clock.wait_until(self._sent_s + _PERIOD_S)
        self._captured_s, self._sent_s = frame.captured_s, self._clock.now_s()
        self._sink.write(frame)

    def close(self) -> None:
        """Close the other."""
        self._sink.close()

    def abort(self) -> None:
        """Abort the other."""
        self._sink.abort()
