"""What the options of a `livelink://` address mean.

`subject=NAME`, percent-encoded where it holds `&` or `%`; `fps=1..240`.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from engine_bridge.datagram_sender import DatagramSender
from engine_bridge.live_link_packet import LiveLinkPacket
from engine_bridge.udp_transport import Address, UdpTransport
from engine_bridge.url_options import check_names, read_rate_cap
from umo_runtime.clock import Clock

_SCHEME = "livelink"
_DEFAULT_SUBJECT = "Umo"


def open_live_link(
    addresses: tuple[Address, ...], options: Mapping[str, str], clock: Clock
) -> DatagramSender:
    """Open a sender for one subject.

    Args:
        addresses: host and port of every receiver.
        options: see the module.
        clock: its own seconds are the frame time, so that subjects of one process agree on it.

    Raises:
        OutputError: an option is unknown or has no such value, or a host does not resolve.
    """
    check_names(_SCHEME, options, ("subject", "fps"))
    packet = LiveLinkPacket(unquote(options.get("subject", _DEFAULT_SUBJECT)))
    rate_cap = read_rate_cap(_SCHEME, options)
    return DatagramSender(UdpTransport(addresses), clock, packet, rate_cap)
