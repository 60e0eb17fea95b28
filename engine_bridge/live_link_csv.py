"""Recordings in the table of Epic's Live Link Face app, for MetaHuman and Blender importers.

The header, ten decimals and 61 values were checked against recordings of the app; the angles are
those of `live_link_angles`. Note JawRight and MouthRight *before* JawLeft and MouthLeft, unlike the
app's network packet. See `docs/wire_protocol.md`.
"""

from typing import BinaryIO

from engine_bridge.live_link_angles import ANGLES, live_link_angles_rad
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.types import MotionFrame

_EXCHANGED = {
    "jawLeft": "jawRight",
    "jawRight": "jawLeft",
    "mouthLeft": "mouthRight",
    "mouthRight": "mouthLeft",
}
_COLUMNS = tuple(_EXCHANGED.get(name, name) for name in BLENDSHAPES)
_COLUMN_INDEX = [BLENDSHAPES.index(name) for name in _COLUMNS]
_COUNT = len(_COLUMNS) + len(ANGLES)


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
        names = (*(name[0].upper() + name[1:] for name in _COLUMNS), *ANGLES)
        self._stream.write(f"Timecode,BlendShapeCount,{','.join(names)}\n".encode("ascii"))

    def add(self, frame: MotionFrame) -> None:
        """Write a row."""
        timecode = to_timecode(frame.time_s, self._timebase)
        shapes = frame.blendshapes[_COLUMN_INDEX].tolist()
        angles = live_link_angles_rad(frame.rotations).tolist()
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
