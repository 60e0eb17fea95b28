"""Open Sound Control 1.0: messages, and bundles of them that fit a datagram.

Everything is big-endian and padded to four bytes, so a packed bundle can be viewed as 32-bit words.
Source: M. Wright, "The Open Sound Control 1.0 Specification", 2002.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

Argument = str | int | float

BUNDLE_HEADER = b"#bundle\0" + struct.pack(">Q", 1)  # time tag 1: apply immediately


@dataclass(frozen=True, slots=True)
class PackedBundles:
    """Messages in as few datagrams as their order allows.

    Attributes:
        datagrams: one bundle each.
        ends: for every message, where it ends in the concatenation of all datagrams, in bytes.
    """

    datagrams: tuple[bytes, ...]
    ends: tuple[int, ...]


def encode_message(address: str, *arguments: Argument) -> bytes:
    """Encode a message: `str` as s, `int` as i, `float` as f (32 bits)."""
    tags = "," + "".join(_tag(argument) for argument in arguments)
    return b"".join((_string(address), _string(tags), *map(_value, arguments)))


def pack_bundles(messages: Sequence[bytes], max_bytes: int) -> PackedBundles:
    """Fill one bundle after the other, in order, never splitting a message.

    Args:
        messages: encoded messages.
        max_bytes: size of the largest datagram, header included.

    Raises:
        ValueError: a message alone does not fit.
    """
    datagrams: list[bytearray] = []
    ends: list[int] = []
    sent_bytes = 0
    for message in messages:
        element = struct.pack(">i", len(message)) + message
        if len(BUNDLE_HEADER) + len(element) > max_bytes:
            raise ValueError(f"a message of {len(message)} bytes does not fit {max_bytes} bytes")
        if not datagrams or len(datagrams[-1]) + len(element) > max_bytes:
            sent_bytes += len(datagrams[-1]) if datagrams else 0
            datagrams.append(bytearray(BUNDLE_HEADER))
        datagrams[-1] += element
        ends.append(sent_bytes + len(datagrams[-1]))
    return PackedBundles(tuple(map(bytes, datagrams)), tuple(ends))


def _tag(argument: Argument) -> str:
    return {str: "s", int: "i", float: "f"}[type(argument)]


def _value(argument: Argument) -> bytes:
    if isinstance(argument, str):
        return _string(argument)
    return struct.pack(">i" if isinstance(argument, int) else ">f", argument)


def _string(text: str) -> bytes:
    # "A sequence of non-null ASCII characters followed by a null, followed by 0-3 additional null
    # characters to make the total number of bits a multiple of 32." VMC extends this to UTF-8.
    encoded = text.encode()
    return encoded + b"\0" * (4 - len(encoded) % 4)
