"""The frames of a recording that can only be written once all of them are known."""

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FloatArray, MotionFrame


class MotionBuffer:
    """Keeps frames as raw floats, 1.1 kB each (120 MB an hour at 30 fps)."""

    def __init__(self) -> None:
        # bytearray grows by an eighth at a time; a list of arrays would cost 100 bytes more each.
        self._times = bytearray()
        self._blendshapes = bytearray()
        self._rotations = bytearray()
        self._root_positions = bytearray()

    def add(self, frame: MotionFrame) -> None:
        """Keep a frame. Not allowed once an array was taken out."""
        self._times += np.float64(frame.time_s).tobytes()
        self._blendshapes += frame.blendshapes.astype(np.float32).tobytes()
        self._rotations += frame.rotations.astype(np.float32).tobytes()
        self._root_positions += frame.root_position.astype(np.float32).tobytes()

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """Seconds on the audio's timeline, [T]."""
        return np.frombuffer(self._times, np.float64)

    @property
    def blendshapes(self) -> FloatArray:
        """0..1, [T, 52]; the buffer's own memory."""
        return np.frombuffer(self._blendshapes, np.float32).reshape(-1, NUM_BLENDSHAPES)

    @property
    def rotations(self) -> FloatArray:
        """Parent-local xyzw, [T, 55, 4]; the buffer's own memory."""
        return np.frombuffer(self._rotations, np.float32).reshape(-1, NUM_BONES, 4)

    @property
    def root_positions(self) -> FloatArray:
        """Places of the hips in metres, [T, 3]; the buffer's own memory."""
        return np.frombuffer(self._root_positions, np.float32).reshape(-1, 3)
