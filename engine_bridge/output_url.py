"""Addresses of live outputs, such as `vmc://127.0.0.1:39539?fingers=false`.

`SCHEME://HOST:PORT[,HOST:PORT...][?OPTION=VALUE[&OPTION=VALUE...]]`. Several receivers get the same
frames. Parsing is pure; only `open_sink` touches the network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine_bridge.frame_sink import FrameSink
from engine_bridge.live_link_url import open_live_link
from engine_bridge.osc_url import open_osc
from engine_bridge.udp_transport import Address
from engine_bridge.vmc_url import open_vmc
from umo_runtime.clock import Clock
from umo_runtime.errors import OutputError

EXAMPLE = "vmc://127.0.0.1:39539"
_OPENERS: Mapping[str, Callable[[tuple[Address, ...], Mapping[str, str], Clock], FrameSink]] = (
    MappingProxyType({"vmc": open_vmc, "livelink": open_live_link, "osc": open_osc})
)


@dataclass(frozen=True)
class OutputUrl:
    """A parsed address; `str` gives its text back.

    Attributes:
        scheme: the protocol, lower case.
        addresses: host and port (1..65535) of every receiver, at least one.
        options: as written; their meaning belongs to the scheme.
    """

    scheme: str
    addresses: tuple[Address, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        hosts = ",".join(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.addresses
        )
        query = "&".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.scheme}://{hosts}" + (f"?{query}" if query else "")


def open_sink(url: str, clock: Clock) -> FrameSink:
    """Open a live output.

    Args:
        url: see the module.
        clock: the runtime's clock.

    Raises:
        OutputError: the address is malformed, its scheme or an option is unknown, or its host does
            not resolve. A receiver that is not running is no error.
    """
    parsed = parse_output_url(url)
    return _OPENERS[parsed.scheme](parsed.addresses, parsed.options, clock)


def parse_output_url(url: str) -> OutputUrl:
    """Take an address apart.

    Raises:
        OutputError: it is malformed or its scheme is unknown.
    """
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _OPENERS:
        known = ", ".join(_OPENERS)
        raise OutputError(f"unknown output {url!r}; known schemes: {known}; example: {EXAMPLE}")
    hosts, _, query = rest.partition("?")
    addresses = tuple(_parse_address(part, url) for part in hosts.removesuffix("/").split(","))
    return OutputUrl(scheme, addresses, _parse_options(query, url))


def _parse_address(text: str, url: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        raise OutputError(f"no port in {url!r}; write HOST:PORT, example: {EXAMPLE}")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise OutputError(f"port {port!r} in {url!r} is not a number from 1 to 65535")
    host = host.removeprefix("[").removesuffix("]")
    if not host or any(c in "[]/@#" or c.isspace() or not c.isprintable() for c in host):
        raise OutputError(f"host {host!r} in {url!r} is not a host name; example: {EXAMPLE}")
    return host, int(port)


def _parse_options(query: str, url: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, equals, value = part.partition("=")
        if not (name and equals) or name in options:
            raise OutputError(f"option {part!r} in {url!r} is not NAME=VALUE, each name once")
        options[name] = value
    return options
