"""VMC datagrams through python-osc, with the type tags that it hides."""

from dataclasses import dataclass
from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.parsing import osc_types


@dataclass(frozen=True)
class Received:
    address: str
    tags: str
    arguments: tuple[Any, ...]


def read_bundle(datagram: bytes) -> list[Received]:
    bundle = OscBundle(datagram)
    assert bundle.timestamp == osc_types.IMMEDIATELY
    received = []
    for message in bundle:
        assert isinstance(message, OscMessage), "nested bundle"
        address, start = osc_types.get_string(message.dgram, 0)
        tags, _ = osc_types.get_string(message.dgram, start)
        received.append(Received(address, tags, tuple(message.params)))
    return received


def read_frame(datagrams: list[bytes]) -> list[Received]:
    return [message for datagram in datagrams for message in read_bundle(datagram)]


def bones(messages: list[Received]) -> dict[str, tuple[float, ...]]:
    return {m.arguments[0]: m.arguments[1:] for m in messages if m.address == "/VMC/Ext/Bone/Pos"}


def blends(messages: list[Received]) -> dict[str, float]:
    return {m.arguments[0]: m.arguments[1] for m in messages if m.address == "/VMC/Ext/Blend/Val"}
