"""Sends the frames of one avatar as datagrams: when to send, and what to do with bad frames."""

from collections.abc import Sequence
from typing import Protocol

from engine_bridge.frame_check import is_sound
from engine_bridge.rate_cap import RateCap
from engine_bridge.udp_transport import DatagramTransport
from umo_runtime.clock import Clock
from umo_runtime.types import FloatArray, MotionFrame


class DatagramTemplate(Protocol):
    """The datagrams of a frame in some protocol, built once and patched."""

    @property
    def datagrams(self) -> Sequence[memoryview]:
        """Views of the current frame, in sending order."""
        ...

    def set_pose(
        self, rotations: FloatArray, root_position: FloatArray, blendshapes: FloatArray
    ) -> None:
        """Patch the pose: [55, 4] xyzw parent-local and [3] metres in our space, [52] in 0..1."""
        ...

    def set_time(self, seconds: float) -> None:
        """Patch the time."""
        ...


class DatagramSender:
    """A `FrameSink` for receivers that only listen.

    The time that it sends is the clock's, not the frame's media time: it has to move on when a
    frame is repeated, and must not jump back when a new utterance begins.

    Args:
        transport: where datagrams go; closed with the sender.
        clock: the time that is sent.
        template: the avatar's datagrams; used by this sender alone.
        rate_cap: which frames are sent at all.
        origin_s: clock time that is sent as 0.

    Attributes:
        num_sent: frames sent, repeated ones included.
        num_rejected: frames that were not sound.
    """

    def __init__(
        self,
        transport: DatagramTransport,
        clock: Clock,
        template: DatagramTemplate,
        rate_cap: RateCap | None = None,
        origin_s: float = 0.0,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._template = template
        self._rate_cap = rate_cap or RateCap()
        self._origin_s = origin_s
        self._has_pose = False
        self.num_sent = 0
        self.num_rejected = 0

    def write(self, frame: MotionFrame) -> None:
        """Send a frame, or the last good one again where this one is not sound."""
        if not self._rate_cap.admits(frame.time_s):
            return
        if is_sound(frame):
            self._template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
            self._has_pose = True
        else:
            self.num_rejected += 1
        self.resend()

    def resend(self) -> None:
        """Repeat the last frame with the time of now.

        Call it at 2 Hz or more while no frames come, for receivers that take silence for an end.
        Before the first good frame it sends nothing, so that nobody flashes a T-pose.
        """
        if not self._has_pose:
            return
        self._template.set_time(self._clock.now_s() - self._origin_s)
        self._transport.send(self._template.datagrams)
        self.num_sent += 1

    def close(self) -> None:
        """Release the socket."""
        self._transport.close()

    def abort(self) -> None:
        """Release the socket; what was sent was seen."""
        self._transport.close()
