"""Recordings as NumPy archives: everything a frame holds, at full precision.

Keys: `fps`, `times` [T] float64 s, `blendshapes` [T, 52] float32, `blendshape_names` [52],
`rotations` [T, 55, 4] float32 parent-local xyzw, `bone_names` [55], `root_position` [T, 3] float32
in metres, `audio_path`. Load with `numpy.load(path, allow_pickle=False)`.
"""

from typing import BinaryIO

import numpy as np

from engine_bridge.motion_buffer import MotionBuffer
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES
from umo_runtime.types import MotionFrame


class NpzRecording:
    """Keeps frames in memory (`MotionBuffer`) and writes them at the end.

    Args:
        stream: where `finish` writes; seekable.
        fps: the rate the frames were made at.
        audio_path: the speech that belongs to the motion, or "".
    """

    def __init__(self, stream: BinaryIO, fps: float, audio_path: str) -> None:
        self._stream = stream
        self._fps = fps
        self._audio_path = audio_path
        self._motion = MotionBuffer()

    def add(self, frame: MotionFrame) -> None:
        """Keep a frame."""
        self._motion.add(frame)

    def finish(self) -> None:
        """Write the archive."""
        np.savez(
            self._stream,
            fps=np.float64(self._fps),
            times=self._motion.times_s,
            blendshapes=self._motion.blendshapes,
            blendshape_names=np.array(BLENDSHAPES),
            rotations=self._motion.rotations,
            bone_names=np.array(BONES),
            root_position=self._motion.root_positions,
            audio_path=np.array(self._audio_path),
        )
