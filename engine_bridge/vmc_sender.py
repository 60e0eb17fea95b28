"""Sends the frames of one avatar to VMC receivers: when to send, and what to do with bad frames."""

from engine_bridge.frame_check import is_sound
from engine_bridge.rate_cap import RateCap
from engine_bridge.udp_transport import DatagramTransport
from engine_bridge.vmc_template import VmcTemplate
from umo_runtime.clock import Clock
from umo_runtime.types import MotionFrame


class VmcSender:
    """A `FrameSink` that speaks VMC Protocol v3.1 as a Performer.

    `/VMC/Ext/T` is this sender's clock since it was opened, not the frame's media time: it has to
    move on when an idle frame is repeated, and must not jump back when a new utterance begins.

    Args:
        transport: where datagrams go; closed with the sender.
        clock: time for `/VMC/Ext/T`.
        template: the avatar's datagrams; used by this sender alone.
        rate_cap: which frames are sent at all.

    Attributes:
        num_sent: frames sent, repeated ones included.
        num_rejected: frames that were not sound.
    """

    def __init__(
        self,
        transport: DatagramTransport,
        clock: Clock,
        template: VmcTemplate | None = None,
        rate_cap: RateCap | None = None,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._template = template or VmcTemplate()
        self._rate_cap = rate_cap or RateCap()
        self._opened_s = clock.now_s()
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

        Call it at 2 Hz or more while no frames come: VMagicMirror disconnects after 0.5 s of
        silence. Before the first good frame it sends nothing, so that nobody flashes a T-pose.
        """
        if not self._has_pose:
            return
        self._template.set_time(self._clock.now_s() - self._opened_s)
        self._transport.send(self._template.datagrams)
        self.num_sent += 1

    def close(self) -> None:
        """Release the socket."""
        self._transport.close()

    def abort(self) -> None:
        """Release the socket; what was sent was seen."""
        self._transport.close()
