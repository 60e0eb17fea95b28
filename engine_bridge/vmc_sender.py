"""Sends the frames of one avatar to VMC receivers."""

from engine_bridge.datagram_sender import DatagramSender
from engine_bridge.rate_cap import RateCap
from engine_bridge.udp_transport import DatagramTransport
from engine_bridge.vmc_template import VmcTemplate
from umo_runtime.clock import Clock


class VmcSender(DatagramSender):
    """A `FrameSink` that speaks VMC Protocol v3.1 as a Performer.

    `/VMC/Ext/T` is this sender's time since it was opened. VMagicMirror disconnects after 0.5 s of
    silence: call `resend` at 2 Hz or more while no frames come.

    Args:
        transport: where datagrams go; closed with the sender.
        clock: time for `/VMC/Ext/T`.
        template: the avatar's datagrams; used by this sender alone.
        rate_cap: which frames are sent at all.
    """

    def __init__(
        self,
        transport: DatagramTransport,
        clock: Clock,
        template: VmcTemplate | None = None,
        rate_cap: RateCap | None = None,
    ) -> None:
        super().__init__(transport, clock, template or VmcTemplate(), rate_cap, clock.now_s())
