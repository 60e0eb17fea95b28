"""Recordings as Biovision hierarchies: body motion for Blender, Maya, MotionBuilder, Unreal.

Metres, y up, facing +z; angles in degrees. Channels are Zrotation Xrotation Yrotation, so a joint's
rotation is Rz Rx Ry. The root has OFFSET 0 and its position channels are the hips' place, because
readers disagree whether the two add up. One line a frame, so frames must come at the stated rate.
Source: M. Meredith and S. Maddock, "Motion Capture File Formats Explained", Sheffield, 2001.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from engine_bridge.euler import to_zxy
from umo_runtime.skeleton import BONES, NUM_BONES, PARENTS, REST_OFFSETS_M
from umo_runtime.types import MotionFrame

_ROTATION_CHANNELS = "Zrotation Xrotation Yrotation"
_ZXY = [2, 0, 1]
_END_SITE_SHARE = 0.5  # of a leaf's own length: enough for an editor to draw the bone
_COUNT_WIDTH = 12  # room for the number of frames, known only at the end


class BvhRecording:
    """Streams motion lines; only the angles of the last frame stay in memory.

    Args:
        stream: where to write; seekable.
        fps: the rate of the frames.
    """

    def __init__(self, stream: BinaryIO, fps: float) -> None:
        self._stream = stream
        self._num_frames = 0
        self._angles_rad = np.zeros((NUM_BONES, 3))
        self._order = list(_depth_first(0))
        self._line = " ".join(["%.6f"] * (3 + 3 * NUM_BONES)) + "\n"
        self._write("HIERARCHY\n" + "".join(_joint(0, "")) + "MOTION\nFrames: ")
        self._count_at = stream.tell()
        self._write(f"{0:>{_COUNT_WIDTH}}\nFrame Time: {1 / fps:.9f}\n")

    def add(self, frame: MotionFrame) -> None:
        """Write a motion line."""
        self._angles_rad = to_zxy(frame.rotations, self._angles_rad)
        degrees = np.degrees(self._angles_rad[self._order][:, _ZXY])
        self._write(self._line % (*frame.root_position.tolist(), *degrees.ravel().tolist()))
        self._num_frames += 1

    def finish(self) -> None:
        """Fill in the number of frames."""
        self._stream.seek(self._count_at)
        self._write(f"{self._num_frames:>{_COUNT_WIDTH}}")

    def _write(self, text: str) -> None:
        self._stream.write(text.encode("ascii"))


def _children(bone: int) -> list[int]:
    return [child for child, parent in enumerate(PARENTS) if parent == bone]


def _depth_first(bone: int) -> Iterator[int]:
    yield bone
    for child in _children(bone):
        yield from _depth_first(child)


def _joint(bone: int, indent: str) -> Iterator[str]:
    """Describe a joint and everything below it, in the order of `_depth_first`."""
    is_root = PARENTS[bone] < 0
    inner = indent + "  "
    yield f"{indent}{'ROOT' if is_root else 'JOINT'} {BONES[bone]}\n{indent}{{\n"
    yield f"{inner}OFFSET {_vector((0, 0, 0) if is_root else REST_OFFSETS_M[bone].tolist())}\n"
    positions = "Xposition Yposition Zposition " if is_root else ""
    yield f"{inner}CHANNELS {6 if is_root else 3} {positions}{_ROTATION_CHANNELS}\n"
    children = _children(bone)
    for child in children:
        yield from _joint(child, inner)
    if not children:
        end = _vector((REST_OFFSETS_M[bone] * _END_SITE_SHARE).tolist())
        yield f"{inner}End Site\n{inner}{{\n{inner}  OFFSET {end}\n{inner}}}\n"
    yield f"{indent}}}\n"


def _vector(values: Iterable[float]) -> str:
    return " ".join(f"{value:.6f}" for value in values)
