"""Messages that no client should send, and some that it may, to see what a server does."""

import struct
from random import Random
from typing import Any

import msgpack

from engine_bridge.wire import MAX_MESSAGE_BYTES, VERSION

_FIELDS = {
    "hello": ("client", "token"),
    "open": ("stream", "rate_hz", "format", "seed", "paced"),
    "audio": ("stream", "segment"),
    "end": ("stream", "segment"),
    "text": ("stream", "segment", "words", "times_s"),
    "control": ("stream", "calmness", "emotion", "intensity", "state", "gaze_deg"),
    "clear": ("stream",),
    "playback": ("stream", "segment", "position_s"),
    "close": ("stream",),
    "ping": ("number",),
    "stats?": ("stream",),
}
_USUAL: dict[str, tuple[Any, ...]] = {
    "client": ("x",),
    "token": ("",),
    "stream": ("a", "b", "c", "npc"),
    "rate_hz": (8000, 16_000, 44_100, 48_000, 192_000),
    "format": ("s16", "f32"),
    "seed": (0, 7, 2**32 - 1),
    "paced": (False, True),
    "segment": (1, 2, 3, 4, 5, 60, 2**32 - 1),
    "words": ([], ["hello"], ["so"] * 50, ["\0" * 500]),
    "times_s": ([], [0.5], [0.0] * 50, [1e308], [-1e308]),
    "calmness": (0, 0.5, 1.0),
    "emotion": ("neutral", "joy", "anger", "sadness"),
    "intensity": (0.0, 1),
    "state": ("speaking", "listening", "idle"),
    "gaze_deg": ([], [10.0, -5.0], [1e308, 0], [1e308] * 4000),
    "position_s": (0.0, 0.3, -1e308, 1e308),
    "number": (0, 1),
}
_ODD: tuple[Any, ...] = (
    *(-1, 0, 2**31, 2**32, 2**63, 2**64 - 1, -(2**63), 0.5, 1e308, 1e-320),
    *(float("nan"), float("inf"), float("-inf"), True, False, None),
    *("", "joy", "x" * 65, "\n", "\0" * 9000, b"", b"\0", msgpack.ExtType(1, b"x")),
    *([], [[]], ["a"] * 4096, ["a"] * 4097, [float("nan")], {}, {"a": 1}, {1: 2}),
)
_PAYLOADS = (0, 1, 2, 3, 4, 320, 640, 641, 1920, 32_000, 131_072)
_NOT_FINITE = struct.pack("<4f", float("nan"), float("inf"), float("-inf"), 3e38)


def hostile_message(random: Random) -> bytes:
    """One message, from well-formed to random bytes."""
    data = _record(random)
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 8))):
        data = random.choice(_CHANGES)(random, data)
    return data


def _record(random: Random) -> bytes:
    kind = random.choice(tuple(_FIELDS))
    record: dict[Any, Any] = {"type": kind}
    for name in _FIELDS[kind]:
        if random.random() < 0.9:
            record[name] = random.choice(_USUAL[name] if random.random() < 0.9 else _ODD)
    if random.random() < 0.05:
        record[random.choice(("payload", "type", "", "more", 5))] = random.choice(_ODD)
    packed: bytes = msgpack.packb(record)
    prefix = struct.pack("<3sBH", b"UMO", VERSION, len(packed) & 0xFFFF)
    has_payload = kind == "audio" or random.random() < 0.03
    return prefix + packed + (_payload(random) if has_payload else b"")


def _payload(random: Random) -> bytes:
    size = MAX_MESSAGE_BYTES - 100 if random.random() < 0.002 else random.choice(_PAYLOADS)
    unit = random.choice((random.randbytes(32), bytes(32), _NOT_FINITE))
    return (unit * (size // len(unit) + 1))[:size]


def _flip(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[random.randrange(min(len(changed), 200))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _drop(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data) + 1)
    return data[:place] + data[place + random.randrange(1, 9) :]


def _insert(random: Random, data: bytes) -> bytes:
    place = random.randrange(min(len(data), 200) + 1)
    return data[:place] + random.randbytes(random.randrange(1, 30)) + data[place:]


def _nothing_of_it(random: Random, data: bytes) -> bytes:
    return random.randbytes(random.choice((0, 1, 5, 6, 7, 40, 400)))


_CHANGES = (_flip, _flip, _cut, _drop, _insert, _nothing_of_it)
