"""Recordings that are glTF 2.0 files: what their formats have in common."""

from collections.abc import Callable
from typing import BinaryIO

from engine_bridge.gltf_document import GltfDocument
from engine_bridge.gltf_motion import key_times
from engine_bridge.gltf_timeline import Timeline
from engine_bridge.motion_buffer import MotionBuffer
from umo_runtime.types import MotionFrame

Fill = Callable[[GltfDocument, MotionBuffer, Timeline | None], None]


class GltfRecording:
    """Keeps frames in memory (`MotionBuffer`) and writes them at the end.

    Args:
        stream: where `finish` writes.
        fps: the rate of the frames.
        fill: puts the motion into a document; without frames there is no timeline.
    """

    def __init__(self, stream: BinaryIO, fps: float, fill: Fill) -> None:
        self._stream = stream
        self._fps = fps
        self._fill = fill
        self._motion = MotionBuffer()

    def add(self, frame: MotionFrame) -> None:
        """Keep a frame."""
        self._motion.add(frame)

    def finish(self) -> None:
        """Write the file.

        Raises:
            OutputError: it is larger than GLB can be.
        """
        document, times_s = GltfDocument(), self._motion.times_s
        timeline = Timeline(document, key_times(times_s, self._fps)) if len(times_s) else None
        self._fill(document, self._motion, timeline)
        document.write(self._stream)
