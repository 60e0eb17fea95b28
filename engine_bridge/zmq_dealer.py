"""The client's end of a ZeroMQ connection."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import zmq

from engine_bridge.curve_keys import read_key
from engine_bridge.wire import MAX_MESSAGE_BYTES
from umo_runtime.errors import ServiceError

_LINGER_MS = 200  # what the last messages get to leave


@dataclass(frozen=True, slots=True)
class CurveKeys:
    """Keys of an encrypted connection, 40 bytes of Z85 text each.

    Attributes:
        server: the server's public key.
        public: the client's own; a new pair by default.
        secret: the client's own.
    """

    server: bytes
    public: bytes = b""
    secret: bytes = b""

    @classmethod
    def read(cls, server: Path, own: Path) -> Self:
        """Read the files that `umo keys` makes: `server.key` and `clients/NAME.key_secret`.

        Raises:
            ServiceError: the client's file holds no secret key.
            OutputError: a file is no key.
        """
        public, secret = read_key(own)
        if secret is None:
            raise ServiceError("curve", f"{own} has no secret key; give the .key_secret file")
        return cls(read_key(server)[0], public, secret)


def open_dealer(context: zmq.Context[Any], url: str, curve: CurveKeys | None = None) -> Any:
    """A DEALER that connects, and connects again, to a server.

    Its queues have no bound: whoever reads must keep up.

    Raises:
        ServiceError: the address or a key is none.
    """
    dealer = context.socket(zmq.DEALER)
    dealer.linger = _LINGER_MS
    dealer.sndhwm = dealer.rcvhwm = 0
    dealer.maxmsgsize = MAX_MESSAGE_BYTES
    dealer.ipv6 = "[" in url  # with it a name such as localhost would no longer mean version 4
    try:
        if curve is not None:
            own = (curve.public, curve.secret) if curve.secret else zmq.curve_keypair()
            dealer.curve_publickey, dealer.curve_secretkey = own
            dealer.curve_serverkey = curve.server
        dealer.connect(url)
    except (zmq.ZMQError, ValueError) as error:
        dealer.close(linger=0)
        raise ServiceError(
            "address", f"cannot connect to {url!r}: {error}; example: tcp://127.0.0.1:7601"
        ) from error
    return dealer
