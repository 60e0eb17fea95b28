"""Which avatar goes to which receiver, and from which port.

VMC has no avatar id: receivers tell avatars apart by the port they listen on, and some by the port
a datagram comes from. So every avatar needs a port of its own on either side, for good.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from engine_bridge.output_url import OutputUrl, parse_output_url
from engine_bridge.udp_transport import Address
from engine_bridge.vmc_url import MAX_PORT, parse_vmc_options
from umo_runtime.errors import OutputError

T = TypeVar("T")

DEFAULT_OUTPUT = "vmc://127.0.0.1:39539"
# Below the ports that Linux (32768), Windows and macOS (49152) hand out to whoever asks for any.
DEFAULT_SOURCE_PORT = 29539


@dataclass(frozen=True, slots=True)
class AvatarPorts:
    """Where one avatar goes.

    Attributes:
        stream: its name.
        receivers: host and port of every receiver.
        source_port: the port that they see.
        output: all of it as an address for `open_sink`.
    """

    stream: str
    receivers: tuple[Address, ...]
    source_port: int
    output: str


def plan_ports(
    streams: Sequence[str],
    output: str = DEFAULT_OUTPUT,
    first_source_port: int = DEFAULT_SOURCE_PORT,
) -> tuple[AvatarPorts, ...]:
    """Give consecutive ports to avatars.

    Args:
        streams: names, each once.
        output: address of the first avatar, with the options of all; the ports of the others
            follow its ports.
        first_source_port: of the first avatar.

    Raises:
        OutputError: the address is none of VMC's, a name or a port comes twice, or a port is beyond
            65535.
    """
    first = parse_output_url(output)
    if first.scheme != "vmc":
        raise OutputError(f"{output!r} needs no ports for avatars; a plan is for vmc://HOST:PORT")
    if "source_port" in first.options:
        raise OutputError(f"{output!r} has a source_port; give that of the first avatar apart")
    parse_vmc_options(first.options)
    plan = tuple(
        _avatar(stream, first, first_source_port, index) for index, stream in enumerate(streams)
    )
    _check(plan)
    return plan


def _avatar(stream: str, first: OutputUrl, first_source_port: int, index: int) -> AvatarPorts:
    receivers = tuple((host, port + index) for host, port in first.addresses)
    source_port = first_source_port + index
    options = {**first.options, "source_port": str(source_port)}
    output = replace(first, addresses=receivers, options=options)
    return AvatarPorts(stream, receivers, source_port, str(output))


def _check(plan: Sequence[AvatarPorts]) -> None:
    for avatar in plan:
        if not avatar.stream or not avatar.stream.isprintable():
            raise OutputError(f"stream {avatar.stream!r} is no name; use letters that can be shown")
    if twice := _twice([avatar.stream for avatar in plan]):
        raise OutputError(f"stream {twice[0]!r} comes twice; give each avatar its own name")
    receivers = [receiver for avatar in plan for receiver in avatar.receivers]
    sources = {avatar.source_port for avatar in plan}
    last = max([*sources, *(port for _, port in receivers)], default=0)
    if last > MAX_PORT:
        raise OutputError(f"{len(plan)} avatars need port {last}; begin low enough for {MAX_PORT}")
    if clashes := _twice(receivers):
        host, port = clashes[0]
        raise OutputError(f"two avatars go to {host}:{port}; begin further apart")
    # Hosts are names: nobody can tell here which of them is this machine.
    if shared := sources & {port for _, port in receivers}:
        raise OutputError(
            f"port {min(shared)} is both a receiver's and a source; begin the sources elsewhere"
        )


def _twice(items: Sequence[T]) -> list[T]:
    return [item for item, count in Counter(items).items() if count > 1]
