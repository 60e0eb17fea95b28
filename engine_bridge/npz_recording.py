"""Recordings as NumPy archives: everything a frame holds, at full precision.

Keys: `fps`, `times` [T] float64 s, `blendshapes` [T, 52] float32, `blendshape_names` [52],
`rotations` [T, 55, 4] float32 parent-local xyzw, `bone_names` [55], `root_position` [T, 3] float32
in metres, `audio_path`. Load with `numpy.load(path, allow_pickle=False)`.
"""

from typing import BinaryIO

import numpy as np

from umo_runtime.blendshapes import BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONES, NUM_BONES
from umo_runtime.types import MotionFrame


class NpzRecording:
    """Keeps frames as raw floats in memory, 1.1 kB each (120 MB an hour at 30 fps).

    Args:
        stream: where `finish` writes; seekable.
        fps: the rate the frames were made at.
        audio_path: the speech that belongs to the motion, or "".
    """

    def __init__(self, stream: BinaryIO, fps: float, audio_path: str) -> None:
        self._stream = stream
        self._fps = fps
        self._audio_path = audio_path
        # bytearray grows by an eighth at a time; a list of arrays would cost 100 bytes more each.
        self._times = bytearray()
        self._blendshapes = bytearray()
        self._rotations = bytearray()
        self._root_positions = bytearray()

    def add(self, frame: MotionFrame) -> None:
        """Keep a frame."""
        self._times += np.float64(frame.time_s).tobytes()
        self._blendshapes += frame.blendshapes.astype(np.float32).tobytes()
        self._rotations += frame.rotations.astype(np.float32).tobytes()
        self._root_positions += frame.root_position.astype(np.float32).tobytes()

    def finish(self) -> None:
        """Write the archive."""
        np.savez(
            self._stream,
            fps=np.float64(self._fps),
            times=np.frombuffer(self._times, np.float64),
            blendshapes=np.frombuffer(self._blendshapes, np.float32).reshape(-1, NUM_BLENDSHAPES),
            blendshape_names=np.array(BLENDSHAPES),
            rotations=np.frombuffer(self._rotations, np.float32).reshape(-1, NUM_BONES, 4),
            bone_names=np.array(BONES),
            root_position=np.frombuffer(self._root_positions, np.float32).reshape(-1, 3),
            audio_path=np.array(self._audio_path),
        )
