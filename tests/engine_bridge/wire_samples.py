"""One message of every kind, and bytes that are none: the golden vectors and tests use them."""

import struct
from typing import Any

import msgpack
import numpy as np

from engine_bridge.wire import FRAME_VALUES
from engine_bridge.wire_messages import (
    AskStats,
    Audio,
    Block,
    Clear,
    Cleared,
    Close,
    Closed,
    Control,
    End,
    Ended,
    Frame,
    Hello,
    Moved,
    Notice,
    Open,
    Opened,
    Ping,
    Playback,
    Pong,
    Refusal,
    Stand,
    Stats,
    Text,
    Welcome,
)
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES

# Sixteenths and 256ths: exact in float32, so that every language can compare with ==.
_S16 = np.array([0, 1, -1, 32767, -32768], "<i2").tobytes()
_F32 = np.array([0, 0.5, -1, 0.0625], "<f4").tobytes()
_POSE = (np.arange(FRAME_VALUES) / 256).astype("<f4").tobytes()
_OTHER_POSE = (np.arange(FRAME_VALUES) / -256).astype("<f4").tobytes()

FROM_CLIENT: dict[str, Any] = {
    "hello": Hello("x"),
    "hello_token": Hello("game", "tök€n"),
    "hello_blocks": Hello("crowd", blocks=True),
    "open": Open("npc"),
    "open_all": Open("Señor 7", 48_000, "f32", 2**32 - 1, True),
    "stand": Stand("npc", 4, 0.5, _POSE),
    "stand_still": Stand("npc", payload=_POSE),
    "audio_s16": Audio("npc", 1, _S16),
    "audio_f32": Audio("npc", 70_000, _F32),
    "audio_empty": Audio("npc", 1),
    "end": End("npc", 1),
    "text": Text("npc", 1, ["Hello,", "wörld"]),
    "text_times": Text("npc", 2, ["Hello,", "world"], [0.0, 0.5]),
    "control": Control("npc", emotion="joy"),
    "control_all": Control("npc", 0.25, "anger", 0.5, "listening", [-30.0, 12.5]),
    "control_gaze_free": Control("npc", gaze_deg=[]),
    "clear": Clear("npc"),
    "playback": Playback("npc", 3, 1.25),
    "close": Close("npc"),
    "ping": Ping(),
    "ping_number": Ping(4_294_967_295),
    "ask_stats": AskStats("npc"),
}
FROM_SERVER: dict[str, Any] = {
    "welcome": Welcome("umo 0.1.0", 64, 1 << 20, 10.0, list(BONES), list(BLENDSHAPES)),
    "moved": Moved("tcp://127.0.0.1:40001"),
    "opened": Opened("npc"),
    "frame": Frame("npc", 12, 1, 0.4, _POSE),
    "frame_living": Frame("npc", 100_000, 0, 3333.3, _POSE),
    "block": Block(["npc", "Señor 7"], [12, 100_000], [1, 0], [0.4, 3333.3], _POSE + _OTHER_POSE),
    "ended": Ended("npc", 1, 13.875),
    "cleared": Cleared("npc", 1),
    "closed": Closed("npc"),
    "pong": Pong(7),
    "stats": Stats("npc", 300, 10.0, 1, 0.0625, 2),
    "notice": Notice(20),
    "refusal": Refusal("full", "64 streams are open; close one first"),
    "refusal_stream": Refusal("exists", "npc is open already", "npc"),
}


def prefixed(packed: bytes, payload: bytes = b"", version: int = 1, magic: bytes = b"UMO") -> bytes:
    """A message around a record of any bytes."""
    return struct.pack("<3sBH", magic, version, len(packed)) + packed + payload


def message(record: Any, payload: bytes = b"") -> bytes:
    """A message around a record of any content."""
    return prefixed(msgpack.packb(record), payload)


_PING = msgpack.packb({"type": "ping"})
# name: (code of the refusal, bytes). All are wrong for servers and for clients alike.
REFUSED: dict[str, tuple[str, bytes]] = {
    "empty": ("magic", b""),
    "magic": ("magic", prefixed(_PING, magic=b"umo")),
    "prefix_cut": ("magic", b"UMO\x01\x00"),
    "version_0": ("version", prefixed(_PING, version=0)),
    "version_2": ("version", prefixed(_PING, version=2)),
    "record_cut": ("record", prefixed(_PING)[:-1]),
    "record_empty": ("record", prefixed(b"")),
    "record_list": ("record", message(["ping"])),
    "record_number_as_name": ("record", message({"type": "ping", 1: 2})),
    "record_two_values": ("record", prefixed(_PING + _PING)),
    "record_unused_byte": ("record", prefixed(b"\xc1")),
    "record_no_utf8": ("record", prefixed(b"\x81\xa4type\xa2\xff\xfe")),
    "record_extension": ("record", message({"type": "ping", "number": msgpack.ExtType(1, b"x")})),
    "record_binary": ("record", message({"type": "ping", "number": b"\x01"})),
    "type_missing": ("type", message({"number": 1})),
    "type_unknown": ("type", message({"type": "dance"})),
    "type_no_text": ("type", message({"type": ["ping"]})),
}
REFUSED_FROM_CLIENT: dict[str, tuple[str, bytes]] = {
    "client_type_of_server": ("type", message({"type": "pong", "number": 1})),
    "client_field_unknown": ("field", message({"type": "ping", "count": 1})),
    "client_field_payload": ("field", message({"type": "audio", "payload": ""})),
    "client_field_missing": ("field", message({"type": "end", "stream": "npc"})),
    "client_stream_empty": ("field", message({"type": "close", "stream": ""})),
    "client_stream_65": ("field", message({"type": "close", "stream": "x" * 65})),
    "client_stream_newline": ("field", message({"type": "close", "stream": "a\nb"})),
    "client_value_text": ("value", message({"type": "ping", "number": "1"})),
    "client_value_bool": ("value", message({"type": "ping", "number": True})),
    "client_value_nil": ("value", message({"type": "ping", "number": None})),
    "client_value_negative": ("value", message({"type": "ping", "number": -1})),
    "client_value_2_32": ("value", message({"type": "ping", "number": 2**32})),
    "client_value_float": ("value", message({"type": "ping", "number": 1.0})),
    "client_value_deep": (
        "value",
        prefixed(b"\x82\xa4type\xa4ping\xa6number" + b"\x91" * 1000 + b"\x01"),
    ),
    "client_value_nan": (
        "value",
        message({"type": "playback", "stream": "npc", "segment": 1, "position_s": float("nan")}),
    ),
    "client_value_infinite": (
        "value",
        message({"type": "control", "stream": "npc", "gaze_deg": [float("inf"), 0.0]}),
    ),
    "client_value_format": ("value", message({"type": "open", "stream": "npc", "format": "u8"})),
    "client_value_paced": ("value", message({"type": "open", "stream": "npc", "paced": 1})),
    "client_value_list": (
        "value",
        message({"type": "text", "stream": "npc", "segment": 1, "words": "hello"}),
    ),
    "client_value_item": (
        "value",
        message({"type": "text", "stream": "npc", "segment": 1, "words": ["hello", 1]}),
    ),
    "client_payload": ("payload", message({"type": "ping"}, b"\x00")),
}
