"""What the options of an `osc://` address mean.

`map=FILE`, `stream=NAME`, both percent-encoded where they hold `&` or `%`; `fps=1..240`.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from engine_bridge.datagram_sender import DatagramSender
from engine_bridge.osc_map import STREAM, read_osc_map
from engine_bridge.osc_rule import DEFAULT_MAP
from engine_bridge.osc_template import OscTemplate
from engine_bridge.udp_transport import Address, UdpTransport
from engine_bridge.url_options import check_names, read_rate_cap
from umo_runtime.clock import Clock
from umo_runtime.errors import OutputError

_SCHEME = "osc"
_DEFAULT_STREAM = "main"


def open_osc(
    addresses: tuple[Address, ...], options: Mapping[str, str], clock: Clock
) -> DatagramSender:
    """Open a sender for one avatar.

    Args:
        addresses: host and port of every receiver.
        options: see the module.
        clock: what a map's `time` counts, from now.

    Raises:
        OutputError: an option is unknown or has no such value, the map cannot be used, or a host
            does not resolve.
    """
    check_names(_SCHEME, options, ("map", "stream", "fps"))
    stream = unquote(options.get("stream", _DEFAULT_STREAM))
    if not STREAM.fullmatch(stream):
        raise OutputError(f"osc option stream={stream!r} cannot be part of an OSC address")
    osc_map = read_osc_map(Path(unquote(options["map"]))) if "map" in options else DEFAULT_MAP
    template = OscTemplate(osc_map, stream)
    rate_cap = read_rate_cap(_SCHEME, options)
    return DatagramSender(
        UdpTransport(addresses), clock, template, rate_cap, origin_s=clock.now_s()
    )
