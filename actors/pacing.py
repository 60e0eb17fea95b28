"""Hands frames out evenly, although audio arrives in chunks and 60 fps frames in pairs."""

from dataclasses import dataclass

from actors.audio_capture import CHUNK_S
from actors.frame_rate import FrameRate
from umo_runtime.clock import Clock
from umo_runtime.types import LOOK_AHEAD_S, MotionFrame

_COMPUTE_S = 0.015  # the budget for tokenizer, predictor and interpolator together


def playout_delay_s(fps: FrameRate) -> float:
    """Return how far behind the sound frames are shown so that every one is ready in time.

    Look-ahead, the longest wait for a chunk to fill, compute and, at 60 fps, the frame period that
    a midpoint waits for its successor.
    """
    return LOOK_AHEAD_S + CHUNK_S + _COMPUTE_S + (1 / fps if fps == 60 else 0.0)


@dataclass(frozen=True, slots=True)
class Pacer:
    """Holds each frame back until its absolute deadline; late frames pass at once.

    Attributes:
        clock: what to wait on.
        start_s: clock time of the first sample.
        delay_s: from a frame's time on the audio timeline to its deadline.
    """

    clock: Clock
    start_s: float
    delay_s: float

    def wait(self, frame: MotionFrame) -> None:
        """Block until the frame is due."""
        self.clock.wait_until(self.start_s + frame.time_s + self.delay_s)
