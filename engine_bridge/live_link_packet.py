"""A packet of Epic's Live Link Face app, version 6, built once and then only patched.

Big-endian; strings are an i32 of their length in *bytes* and UTF-8:

    u8 version, device id, subject name, i32 frame, f32 sub-frame, i32 rate numerator,
    i32 rate denominator, u8 count, count x f32

The values are 52 blendshapes in the order of `umo_runtime.blendshapes`, which is not that of the
app's takes, and the nine angles of `live_link_angles`. Unreal tells subjects apart by name, so that
any number of them may share a port.
Source: packets of the app; Epic's AppleARKitFaceSupport plugin; see `docs/wire_protocol.md`.
"""

import struct
import uuid

import numpy as np

from engine_bridge.live_link_angles import ANGLES, live_link_angles_rad
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import OutputError
from umo_runtime.types import FloatArray

_VERSION = 6
_RATE = (60, 1)  # of the frame time, numerator and denominator: as the app counts
_TICKS_PER_FRAME = 1000  # a sub-frame is whole thousandths, so that no rounding makes it 1
_MAX_FRAMES = 2**31  # more than a year
_FRAME_TIME = struct.Struct(">if")
_NUM_VALUES = NUM_BLENDSHAPES + len(ANGLES)
_MAX_SUBJECT_BYTES = 255  # Unreal's buffer for a packet has 256 characters for a name


class LiveLinkPacket:
    """The packet of one subject.

    Args:
        subject: its name in Unreal, 1 to 255 bytes of printable text.

    Attributes:
        datagrams: the packet, alone; the next `set_*` changes it.

    Raises:
        OutputError: the name is empty, too long or not printable.
    """

    def __init__(self, subject: str) -> None:
        head = _encode_head(_checked(subject))
        rate_and_count = struct.pack(">iiB", *_RATE, _NUM_VALUES)
        self._time_at = len(head)
        values_at = len(head) + _FRAME_TIME.size + len(rate_and_count)
        self._buffer = bytearray(head + bytes(_FRAME_TIME.size) + rate_and_count)
        self._buffer += bytes(4 * _NUM_VALUES)
        self._values = np.frombuffer(self._buffer, ">f4", offset=values_at)
        self.datagrams = (memoryview(self._buffer),)

    def set_pose(
        self, rotations: FloatArray, root_position: FloatArray, blendshapes: FloatArray
    ) -> None:
        """Patch the face.

        Args:
            rotations: parent-local, in our space, [55, 4] xyzw.
            root_position: not shown by this protocol.
            blendshapes: [52] in 0..1.
        """
        self._values[:NUM_BLENDSHAPES] = blendshapes
        self._values[NUM_BLENDSHAPES:] = live_link_angles_rad(rotations)

    def set_time(self, seconds: float) -> None:
        """Patch the frame time; negative seconds count as 0."""
        ticks = max(0, round(seconds * _TICKS_PER_FRAME * _RATE[0] / _RATE[1]))
        frame, thousandths = divmod(ticks, _TICKS_PER_FRAME)
        sub_frame = thousandths / _TICKS_PER_FRAME
        _FRAME_TIME.pack_into(self._buffer, self._time_at, frame % _MAX_FRAMES, sub_frame)


def _encode_head(subject: str) -> bytes:
    device = str(uuid.uuid5(uuid.NAMESPACE_URL, f"livelink:{subject}")).upper()
    return bytes((_VERSION,)) + _string(device) + _string(subject)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">i", len(encoded)) + encoded


def _checked(subject: str) -> str:
    if not (subject.isprintable() and 1 <= len(subject.encode()) <= _MAX_SUBJECT_BYTES):
        raise OutputError(
            f"livelink option subject={subject[:40]!r} is not 1 to {_MAX_SUBJECT_BYTES} bytes of "
            "printable text"
        )
    return subject
