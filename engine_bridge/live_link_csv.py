"""Recordings in the table of Epic's Live Link Face app, for MetaHuman and Blender importers.

The header, ten decimals, 61 values and units were checked against recordings of the app: angles are
radians, yaw is positive to the character's own right, pitch downwards, roll towards its own left
shoulder, composed as yaw, then pitch, then roll. Note JawRight and MouthRight *before* JawLeft and
MouthLeft, unlike the app's network packet. See `docs/wire_protocol.md`.
"""

from functools import reduce
from typing import BinaryIO

import numpy as np

from engine_bridge.euler import AngleArray, to_yxz
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, PARENTS, multiply
from umo_runtime.types import FloatArray, MotionFrame

_EXCHANGED = {
    "jawLeft": "jawRight",
    "jawRight": "jawLeft",
    "mouthLeft": "mouthRight",
    "mouthRight": "mouthLeft",
}
_COLUMNS = tuple(_EXCHANGED.get(name, name) for name in BLENDSHAPES)
_COLUMN_INDEX = [BLENDSHAPES.index(name) for name in _COLUMNS]
_ANGLES = tuple(
    f"{part}{angle}"
    for part in ("Head", "LeftEye", "RightEye")
    for angle in ("Yaw", "Pitch", "Roll")
)
_APP_SIGNS: AngleArray = np.array(
    [-1.0, 1.0, -1.0]
)  # of yaw, pitch, roll, against turns about our y, x, z
_YAW_PITCH_ROLL = [1, 0, 2]
_EYES = [BONE_INDEX["LeftEye"], BONE_INDEX["RightEye"]]
_COUNT = len(_COLUMNS) + len(_ANGLES)


class LiveLinkCsv:
    """Streams one row a frame.

    Args:
        stream: where to write.
        fps: the rate of the frames; the timecode counts at its nearest whole number.
    """

    def __init__(self, stream: BinaryIO, fps: float) -> None:
        self._stream = stream
        self._timebase = max(1, round(fps))
        self._row = f"%s,{_COUNT}" + ",%.10f" * _COUNT + "\n"
        names = (*(name[0].upper() + name[1:] for name in _COLUMNS), *_ANGLES)
        self._stream.write(f"Timecode,BlendShapeCount,{','.join(names)}\n".encode("ascii"))

    def add(self, frame: MotionFrame) -> None:
        """Write a row."""
        timecode = to_timecode(frame.time_s, self._timebase)
        shapes = frame.blendshapes[_COLUMN_INDEX].tolist()
        angles = _app_angles_rad(frame.rotations).ravel().tolist()
        self._stream.write((self._row % (timecode, *shapes, *angles)).encode("ascii"))

    def finish(self) -> None:
        """Nothing is left to write."""


def to_timecode(time_s: float, timebase: int) -> str:
    """Write a time as hours, minutes, seconds, frames and thousandths of a frame.

    Args:
        time_s: seconds; negative ones count as 0.
        timebase: frames a second.

    Returns:
        `HH:MM:SS:FF.mmm`.
    """
    total = max(0, round(time_s * timebase * 1000))
    seconds, thousandths = divmod(total, timebase * 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    frame, fraction = divmod(thousandths, 1000)
    return f"{hour:02}:{minute:02}:{second:02}:{frame:02}.{fraction:03}"


def _app_angles_rad(rotations: FloatArray) -> AngleArray:
    """Give yaw, pitch, roll of head, left and right eye, [3, 3].

    The head turns relative to the hips: the table is for a body that stands still, so it must hold
    what spine and neck add, but not where the character walks. Eyes turn relative to the head.
    """
    turns = np.concatenate((_relative_to_hips(rotations, "Head")[None], rotations[_EYES]))
    angles: AngleArray = to_yxz(turns)[:, _YAW_PITCH_ROLL] * _APP_SIGNS
    return angles


def _relative_to_hips(rotations: FloatArray, bone: str) -> FloatArray:
    chain: list[FloatArray] = []
    index = BONE_INDEX[bone]
    while PARENTS[index] >= 0:
        chain.append(rotations[index])
        index = PARENTS[index]
    return reduce(multiply, reversed(chain))
