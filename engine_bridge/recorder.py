"""Records frames to a file, in any format, whole or not at all."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from engine_bridge.atomic_file import AtomicFile
from engine_bridge.frame_check import is_sound
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import IDENTITY_ROTATIONS, REST_OFFSETS_M
from umo_runtime.types import MotionFrame


class RecordingFormat(Protocol):
    """Turns sound frames into the bytes of one file format."""

    def add(self, frame: MotionFrame) -> None:
        """Take the next frame; it may be kept in memory or written at once."""
        ...

    def finish(self) -> None:
        """Write what is left, so that the file is complete."""
        ...


class Recorder:
    """A `FrameSink` that writes a file.

    A frame that is not sound is recorded as the last good one, at its own time, so that the motion
    stays aligned with the audio; before the first good one that is the T-pose.

    Args:
        file: the target; committed or discarded here.
        motion_format: writes into the file's stream.

    Attributes:
        num_rejected: frames that were not sound.
    """

    def __init__(self, file: AtomicFile, motion_format: RecordingFormat) -> None:
        self._file = file
        self._format = motion_format
        self._last = _rest_frame()
        self._is_open = True
        self.num_rejected = 0

    def write(self, frame: MotionFrame) -> None:
        """Record one frame.

        Raises:
            OutputError: the recording is closed, or the disk is full; then nothing is left.
        """
        if not self._is_open:
            raise OutputError(f"the recording {str(self._file.path)!r} is closed; open a new one")
        self._last = _copied(frame) if is_sound(frame) else self._repeated(frame)
        try:
            self._format.add(self._last)
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """Complete the file and put it in place.

        Raises:
            OutputError: the disk is full; nothing is left.
        """
        if not self._is_open:
            return
        try:
            self._format.finish()
        except OSError as error:
            self._fail(error)
        self._is_open = False
        self._file.commit()

    def abort(self) -> None:
        """Discard the recording; a finished one stays."""
        if self._is_open:
            self._is_open = False
            self._file.discard()

    def _repeated(self, frame: MotionFrame) -> MotionFrame:
        self.num_rejected += 1
        time_s = frame.time_s if np.isfinite(frame.time_s) else self._last.time_s
        return replace(self._last, time_s=time_s)

    def _fail(self, error: OSError) -> None:
        self.abort()
        raise OutputError(
            f"recording to {str(self._file.path)!r} stopped: {error.strerror}; free space and retry"
        ) from error


def _copied(frame: MotionFrame) -> MotionFrame:
    """Keep a frame safe from a producer that reuses its arrays."""
    return replace(
        frame,
        rotations=frame.rotations.copy(),
        root_position=frame.root_position.copy(),
        blendshapes=frame.blendshapes.copy(),
    )


def _rest_frame() -> MotionFrame:
    no_face = np.zeros(NUM_BLENDSHAPES, np.float32)
    return MotionFrame("", 0, 0.0, IDENTITY_ROTATIONS, REST_OFFSETS_M[0], no_face, 0.0)
