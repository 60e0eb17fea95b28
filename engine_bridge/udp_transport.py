"""UDP to one or more receivers: one socket, one source port, for the life of an avatar.

Receivers such as GodotXRVmcTracker listen only to the newest source port, so it must never change.
"""

import contextlib
import socket
from collections.abc import Sequence
from typing import Protocol

from umo_runtime.errors import OutputError

Address = tuple[str, int]


class DatagramTransport(Protocol):
    """What a sender needs of the network."""

    def send(self, datagrams: Sequence[memoryview]) -> None:
        """Send all datagrams, in order, to every receiver; never block, never raise."""
        ...

    def close(self) -> None:
        """Release the socket."""
        ...


class UdpTransport:
    """A non-blocking, unconnected socket that fans out.

    It is unconnected because a connected one reports the ICMP "port unreachable" of a receiver that
    is not running as an error of the *next* send.

    Args:
        addresses: host and port of every receiver; resolved once, here.
        source_port: the port that receivers see; 0 takes a free one.

    Attributes:
        num_errors: datagrams that the system refused, for example because its buffer was full.

    Raises:
        OutputError: a host does not resolve, or no socket can be had, or not from that port.
    """

    def __init__(self, addresses: Sequence[Address], source_port: int = 0) -> None:
        resolved = [_resolve(host, port) for host, port in addresses]
        family = max(family for family, _ in resolved)  # AF_INET6 where any receiver needs it
        self._targets = [_in_family(address, family) for _, address in resolved]
        self._socket = _open_socket(family, source_port)
        self.num_errors = 0

    @property
    def source_port(self) -> int:
        """The port that receivers see, 1..65535."""
        return int(self._socket.getsockname()[1])

    def send(self, datagrams: Sequence[memoryview]) -> None:
        """Send all datagrams to every receiver; what cannot go out at once is dropped."""
        for target in self._targets:
            for datagram in datagrams:
                try:
                    self._socket.sendto(datagram, target)
                except OSError:
                    self.num_errors += 1

    def close(self) -> None:
        """Release the socket; later sends are counted as errors."""
        self._socket.close()


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Address]:
    """Look a host up, taking IPv4 where both exist: most VMC receivers bind only that."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise OutputError(
            f"host {host!r} cannot be found; give a name or address that this machine can reach, "
            "for example 127.0.0.1"
        ) from error
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), port)


def _in_family(address: Address, family: socket.AddressFamily) -> Address:
    host, port = address
    is_mapped = family == socket.AF_INET6 and ":" not in host
    return (f"::ffff:{host}" if is_mapped else host), port


def _open_socket(family: socket.AddressFamily, source_port: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):  # some systems have only one kind of IPv6 socket
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(("", source_port))  # now, so that the port exists before the first frame
    except OSError as error:
        opened.close()
        start = f" from source port {source_port}; give another one" if source_port else ""
        raise OutputError(f"no UDP socket can be opened{start}: {error.strerror}") from error
    return opened
