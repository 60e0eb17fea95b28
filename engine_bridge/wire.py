"""Bytes of the native protocol's messages, the same on ZeroMQ and WebSocket.

`UMO`, the version (u8), the length of the record (u16, little endian), the record (a MessagePack
map of "type" and the fields), and the payload up to the end.
"""

import math
import reprlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgpack
import numpy as np

from engine_bridge.wire_messages import CLIENT_MESSAGES, SERVER_MESSAGES, Block, Frame, Stand
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import WireError
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FloatArray, MotionFrame

VERSION = 1
MAX_MESSAGE_BYTES = 1 << 20  # half a minute of s16 at 16 kHz
MAX_NAME = 64  # characters of a stream's name
_MAGIC = b"UMO"
_PREFIX = struct.Struct("<3sBH")
_MAX_RECORD = 0xFFFF
_MAX_ITEMS = 4096  # of a list
_NUM_ROTATION_VALUES = 4 * NUM_BONES
FRAME_VALUES = _NUM_ROTATION_VALUES + 3 + NUM_BLENDSHAPES
_KINDS = {message: name for name, message in {**CLIENT_MESSAGES, **SERVER_MESSAGES}.items()}
_FIELD_TYPES = {message: get_type_hints(message) for message in _KINDS}
_NEEDED_FIELDS = {
    message: [f.name for f in fields(message) if f.default is f.default_factory is MISSING]
    for message in _KINDS
}


def encode(message: Any) -> bytes:
    """Bytes of a message of `wire_messages`.

    Raises:
        WireError: a field is nothing that can be sent, or the message is too long.
    """
    record: dict[str, Any] = {"type": _KINDS[type(message)]}
    payload = b""
    for name in _FIELD_TYPES[type(message)]:
        value = getattr(message, name)
        if name == "payload":
            payload = value
        elif value is not None:
            record[name] = value
    try:
        packed: bytes = msgpack.packb(record)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError("record", f"{record['type']} cannot be sent: {_line(error)}") from error
    if len(packed) > _MAX_RECORD or _PREFIX.size + len(packed) + len(payload) > MAX_MESSAGE_BYTES:
        raise WireError(
            "size",
            f"{record['type']} has {len(packed)} bytes of fields and {len(payload)} of payload; "
            f"send at most {_MAX_RECORD}, and {MAX_MESSAGE_BYTES} altogether, in several messages",
        )
    return b"".join((_PREFIX.pack(_MAGIC, VERSION, len(packed)), packed, payload))


def decode(data: bytes, known: Mapping[str, type[Any]]) -> Any:
    """The message that bytes hold.

    Args:
        data: one message.
        known: CLIENT_MESSAGES or SERVER_MESSAGES.

    Raises:
        WireError: it is none, of another version, of an unknown type or with impossible fields.
            The error's `code` is what a `Refusal` says.
    """
    record, payload = _split(data)
    kind = record.pop("type", None)
    if not isinstance(kind, str) or kind not in known:
        raise WireError("type", f"type is {_shown(kind)}; give one of {', '.join(known)}")
    names = _FIELD_TYPES[known[kind]]
    if unknown := sorted(record.keys() - names.keys() | ({"payload"} & record.keys())):
        raise WireError("field", f"{kind} has no field {_shown(unknown[0])}; leave it out")
    if "payload" in names:
        record["payload"] = payload
    elif payload:
        raise WireError("payload", f"{kind} takes no payload, {len(payload)} bytes came")
    for name, value in record.items():
        record[name] = _checked(value, names[name], f"{kind}.{name}")
    _require(known[kind], kind, record)
    return known[kind](**record)


def frame_message(frame: MotionFrame, index: int, segment: int, pts_s: float) -> Frame:
    """A frame as a message."""
    values = np.concatenate(
        (frame.rotations.ravel(), frame.root_position, frame.blendshapes), dtype="<f4"
    )
    return Frame(frame.stream, index, segment, pts_s, values.tobytes())


def frame_values(pose: Frame | Stand) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rotations [55, 4] xyzw, hips position [3] in metres and blendshapes [52] of a message.

    Raises:
        WireError: the payload has another length.
    """
    if len(pose.payload) != 4 * FRAME_VALUES:
        raise WireError(
            "payload", f"a pose has {len(pose.payload)} bytes; expected {4 * FRAME_VALUES}"
        )
    values = np.frombuffer(pose.payload, "<f4").astype(np.float32, copy=False)
    rotations, rest = values[:_NUM_ROTATION_VALUES], values[_NUM_ROTATION_VALUES:]
    return rotations.reshape(NUM_BONES, 4), rest[:3], rest[3:]


def block_message(frames: Sequence[Frame]) -> Block:
    """Frames as one message; at most MOST_FRAMES."""
    return Block(
        [frame.stream for frame in frames],
        [frame.index for frame in frames],
        [frame.segment for frame in frames],
        [frame.pts_s for frame in frames],
        b"".join([frame.payload for frame in frames]),
    )


def decode_from_server(data: bytes) -> Sequence[Any]:
    """The message that bytes of a server hold; instead of a block the frames in it.

    Raises:
        WireError: see `decode`; or a block has not one of everything for each frame.
    """
    message = decode(data, SERVER_MESSAGES)
    return _block_frames(message) if isinstance(message, Block) else (message,)


def _block_frames(block: Block) -> list[Frame]:
    lists: list[list[Any]] = [block.streams, block.indices, block.segments, block.pts_s]
    counts, size = [len(each) for each in lists], 4 * FRAME_VALUES
    count = counts[0]
    if set(counts) != {count} or len(block.payload) != count * size:
        raise WireError(
            "payload",
            f"a block has lists of {counts} items and {len(block.payload)} bytes of poses; "
            f"expected as many of each, and {size} bytes a frame",
        )
    poses = [block.payload[start : start + size] for start in range(0, count * size, size)]
    return list(map(Frame, *lists, poses))


def _split(data: bytes) -> tuple[dict[str, Any], bytes]:
    if len(data) > MAX_MESSAGE_BYTES:
        raise WireError("size", f"{len(data)} bytes came; send at most {MAX_MESSAGE_BYTES}")
    if len(data) < _PREFIX.size or data[:3] != _MAGIC:
        raise WireError("magic", "the message does not begin with UMO; see docs/wire_protocol.md")
    _, version, length = _PREFIX.unpack_from(data)
    if version != VERSION:
        raise WireError("version", f"protocol version is {version}; this side speaks {VERSION}")
    packed = data[_PREFIX.size : _PREFIX.size + length]
    if len(packed) != length:
        raise WireError("record", f"the record has {len(packed)} bytes of {length}")
    try:
        record = msgpack.unpackb(
            packed, max_array_len=_MAX_ITEMS, max_map_len=64, max_ext_len=0, max_bin_len=0
        )
    except Exception as error:  # the library raises many kinds for bytes it does not know
        raise WireError(
            "record", f"the record is no MessagePack ({type(error).__name__})"
        ) from error
    if not isinstance(record, dict) or not all(isinstance(key, str) for key in record):
        raise WireError("record", "the record is no map of names to values")
    return record, bytes(data[_PREFIX.size + length :])


def _require(message: type[Any], kind: str, record: Mapping[str, Any]) -> None:
    for name in _NEEDED_FIELDS[message]:
        if name not in record:
            raise WireError("field", f"{kind} lacks {name}")
    stream = record.get("stream", "")
    is_named = 0 < len(stream) <= MAX_NAME and stream.isprintable()
    if "stream" in record and not is_named and kind != "refusal":
        raise WireError("field", f"stream is {_shown(stream)}; give 1 to {MAX_NAME} characters")


def _checked(value: Any, kind: Any, what: str) -> Any:
    """The value as its type."""
    choices, item, kind = _parts(kind)
    if choices:
        if value not in choices:
            raise WireError("value", f"{what} is {_shown(value)}; give one of {', '.join(choices)}")
        return value
    if item is not None:
        if not isinstance(value, list):
            raise WireError("value", f"{what} is {_shown(value)}; give a list")
        return value if _are(value, item) else [_checked(each, item, what) for each in value]
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise WireError("value", f"{what} is {_shown(value)}; expected {kind.__name__}")
    if kind is int and not 0 <= value < 2**32:
        raise WireError("value", f"{what} is {value}; give 0 to {2**32 - 1}")
    return value


@cache
def _parts(kind: Any) -> tuple[tuple[Any, ...], Any, Any]:
    """What a type says: choices, or the type of a list's items, or the one that is not None."""
    if get_origin(kind) is Literal:
        return get_args(kind), None, None
    if isinstance(kind, type(int | None)) or get_origin(kind) is Union:
        kind = next(part for part in get_args(kind) if part is not type(None))
    item = get_args(kind)[0] if get_origin(kind) is list else None
    return (), item, kind


def _are(items: list[Any], kind: type) -> bool:
    """Whether all items surely are of a type: a glance, for blocks have hundreds."""
    if {*map(type, items)} != {kind}:
        return False
    if kind is int:
        return bool(min(items) >= 0 and max(items) < 2**32)
    return kind is not float or all(map(math.isfinite, items))


def _shown(value: Any) -> str:
    text = reprlib.repr(value)  # bounded in depth as well: plain repr fails on a deep list
    return text if len(text) <= 40 else text[:37] + "..."


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
