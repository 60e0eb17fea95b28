"""A frame as users of the client see it."""

from dataclasses import dataclass
from typing import Self

from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Frame
from umo_runtime.types import FloatArray


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """One pose of one character.

    Attributes:
        stream: which character.
        index: number of the frame in its stream.
        segment: what is said, 0 while the character only lives: show such frames at once.
        pts_s: when to show it, seconds of the segment's own audio.
        rotations: parent-local, identity in the T-pose, [55, 4] float32 xyzw.
        root_position: position of the hips in metres, [3] float32.
        blendshapes: [52] float32 in 0..1.
    """

    stream: str
    index: int
    segment: int
    pts_s: float
    rotations: FloatArray
    root_position: FloatArray
    blendshapes: FloatArray

    @classmethod
    def of(cls, message: Frame) -> Self:
        """Unpack a message.

        Raises:
            WireError: its payload is no pose.
        """
        return cls(
            message.stream,
            message.index,
            message.segment,
            message.pts_s,
            *frame_values(message),
        )
