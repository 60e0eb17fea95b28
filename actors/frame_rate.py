"""From the graph's 30 frames a second to the rate a receiver wants."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from umo_runtime.types import FRAME_RATE_HZ, FloatArray, MotionFrame

FrameRate = Literal[30, 60]


@dataclass(slots=True)
class OutputFrames:
    """Numbers one stream's frames at the output rate and, at 60, adds the midpoints.

    N frames in give N out at 30 and 2 N - 1 at 60: no midpoint before the first.

    Attributes:
        fps: the output rate.
        previous: the frame added last.
    """

    fps: FrameRate
    previous: MotionFrame | None = None

    def add(self, frame: MotionFrame) -> list[MotionFrame]:
        """Take a 30 Hz frame and return the frames that go out now, in order of time."""
        previous, self.previous = self.previous, frame
        if self.fps == FRAME_RATE_HZ:
            return [frame]
        doubled = replace(frame, index=2 * frame.index)
        return [doubled] if previous is None else [midpoint(previous, frame), doubled]


def midpoint(start: MotionFrame, end: MotionFrame) -> MotionFrame:
    """Return the 60 Hz frame half-way between two neighbouring 30 Hz frames.

    It depends on the audio of `end`, so it carries that frame's `captured_s`.
    """
    return MotionFrame(
        stream=end.stream,
        index=2 * end.index - 1,
        time_s=(end.index - 0.5) / FRAME_RATE_HZ,
        rotations=_halfway(start.rotations, end.rotations),
        root_position=_mean(start.root_position, end.root_position),
        blendshapes=_mean(start.blendshapes, end.blendshapes),
        captured_s=end.captured_s,
    )


def _mean(start: FloatArray, end: FloatArray) -> FloatArray:
    return np.asarray((start + end) / 2, np.float32)


def _halfway(start: FloatArray, end: FloatArray) -> FloatArray:
    """Slerp at phase 0.5 of rotations [55, 4], where it is just the normalised sum."""
    cosine = (start * end).sum(axis=-1, keepdims=True)
    both = start + np.where(cosine < 0, -end, end)  # q and -q are one rotation; take the near one
    return np.asarray(both / np.linalg.norm(both, axis=-1, keepdims=True), np.float32)
