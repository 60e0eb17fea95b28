"""Leads from where a character stood into motion that knows nothing of it, without a pop."""

from dataclasses import dataclass, replace

import numpy as np

from umo_runtime.types import FloatArray, MotionFrame

BODY_S, FACE_S = 0.6, 0.08  # an interrupted mouth must be shut within 150 ms


@dataclass(frozen=True, slots=True)
class Transition:
    """From a pose into a stream of frames.

    Attributes:
        start: the pose that was shown last.
    """

    start: MotionFrame

    def lead(self, frame: MotionFrame, since_s: float) -> MotionFrame:
        """The frame to show in place of `frame`, `since_s` seconds after `start`."""
        if since_s >= BODY_S:
            return frame
        body, face = _share(since_s / BODY_S), min(1.0, since_s / FACE_S)
        start = self.start
        return replace(
            frame,
            rotations=_towards(start.rotations, frame.rotations, body),
            root_position=start.root_position + body * (frame.root_position - start.root_position),
            blendshapes=start.blendshapes
            + np.float32(face) * (frame.blendshapes - start.blendshapes),
        )


def _share(phase: float) -> np.float32:
    """0 to 1 with no speed at either end."""
    return np.float32(phase * phase * (3 - 2 * phase))


def _towards(start: FloatArray, end: FloatArray, share: np.float32) -> FloatArray:
    """Normalised blend of unit quaternions [N, 4]: the way of a slerp, at nearly its speed."""
    near = np.where((start * end).sum(axis=-1, keepdims=True) < 0, -end, end)
    both = start + share * (near - start)
    return np.asarray(both / np.linalg.norm(both, axis=-1, keepdims=True), np.float32)
