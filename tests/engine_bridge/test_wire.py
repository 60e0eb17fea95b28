import math
import types
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_bridge.wire import (
    FRAME_VALUES,
    MAX_MESSAGE_BYTES,
    MAX_NAME,
    decode,
    encode,
    frame_message,
    frame_values,
)
from engine_bridge.wire_messages import CLIENT_MESSAGES, SERVER_MESSAGES, Audio, Frame, Ping, Text
from tests.engine_bridge.bridge_frames import make_frame
from tests.engine_bridge.wire_samples import (
    FROM_CLIENT,
    FROM_SERVER,
    REFUSED,
    REFUSED_FROM_CLIENT,
    message,
    prefixed,
)
from umo_runtime.errors import WireError

KNOWN = {**CLIENT_MESSAGES, **SERVER_MESSAGES}
SAMPLES = [encode(sample) for sample in (*FROM_CLIENT.values(), *FROM_SERVER.values())]
CODES = {"magic", "version", "size", "record", "type", "field", "value", "payload"}
NAMES = st.text(min_size=1, max_size=MAX_NAME).filter(str.isprintable)
NUMBERS = st.integers(0, 2**32 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=100)


def values_of(kind: Any, name: str) -> st.SearchStrategy[Any]:
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if isinstance(kind, types.UnionType):
        return st.none() | values_of(get_args(kind)[0], name)
    if get_origin(kind) is list:
        return st.lists(values_of(get_args(kind)[0], name), max_size=20)
    plain = {
        bool: st.booleans(),
        int: NUMBERS,
        float: FLOATS,
        bytes: st.binary(max_size=300),
        str: TEXTS,
    }
    return NAMES if name == "stream" else plain[kind]


def messages_of(message_type: type[Any]) -> st.SearchStrategy[Any]:
    types_of = get_type_hints(message_type)
    return st.builds(message_type, **{name: values_of(t, name) for name, t in types_of.items()})


MESSAGES = st.sampled_from(list(KNOWN.values())).flatmap(messages_of)


def decode_or_refuse(data: bytes) -> Any:
    """The message, or None where both sides refuse the bytes in the way they must."""
    for known in (CLIENT_MESSAGES, SERVER_MESSAGES):
        try:
            return decode(data, known)
        except WireError as error:
            assert error.code in CODES
            assert len(str(error).splitlines()) == 1
            assert len(str(error)) < 300
    return None


def test_bytes_of_the_example_in_the_description() -> None:
    expected = b"UMO\x01\x1c\x00\x83\xa4type\xa5hello\xa6client\xa1x\xa5token\xa0"
    assert encode(FROM_CLIENT["hello"]) == expected
    assert len(expected) == 34


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"type": "ping"}, Ping(0)),
        ({"number": 3, "type": "ping"}, Ping(3)),
        (
            {"type": "text", "stream": "a", "segment": 1, "words": ["x"], "times_s": [2]},
            Text("a", 1, ["x"], [2.0]),  # a float may be sent as an integer
        ),
    ],
)
def test_fields_in_any_order_and_defaults_left_out(record: Any, expected: Any) -> None:
    assert decode(message(record), CLIENT_MESSAGES) == expected


@given(MESSAGES)
def test_what_is_encoded_is_decoded(sent: Any) -> None:
    received = decode(encode(sent), KNOWN)
    assert received == sent
    assert type(received) is type(sent)
    for item in fields(sent):
        assert type(getattr(received, item.name)) is type(getattr(sent, item.name))


@pytest.mark.parametrize("container", [bytes, bytearray, memoryview])
def test_any_buffer_is_decoded(container: Any) -> None:
    received = decode(container(encode(Audio("a", 1, b"\x01\x00"))), CLIENT_MESSAGES)
    assert received == Audio("a", 1, b"\x01\x00")
    assert type(received.payload) is bytes


@pytest.mark.parametrize("name", REFUSED)
def test_bytes_that_nobody_takes(name: str) -> None:
    code, data = REFUSED[name]
    for known in (CLIENT_MESSAGES, SERVER_MESSAGES):
        with pytest.raises(WireError) as refused:
            decode(data, known)
        assert refused.value.code == code


@pytest.mark.parametrize("name", REFUSED_FROM_CLIENT)
def test_bytes_that_a_server_refuses(name: str) -> None:
    code, data = REFUSED_FROM_CLIENT[name]
    with pytest.raises(WireError) as refused:
        decode(data, CLIENT_MESSAGES)
    assert refused.value.code == code


def test_size_has_a_bound() -> None:
    audio = encode(Audio("a", 1))
    longest = audio + bytes(MAX_MESSAGE_BYTES - len(audio))
    assert len(decode(longest, CLIENT_MESSAGES).payload) == MAX_MESSAGE_BYTES - len(audio)
    with pytest.raises(WireError) as refused:
        decode(longest + b"\x00", CLIENT_MESSAGES)
    assert refused.value.code == "size"


@pytest.mark.parametrize(
    ("too_much", "code"),
    [
        (Audio("a", 1, bytes(MAX_MESSAGE_BYTES)), "size"),
        (Text("a", 1, ["x" * 70_000]), "size"),
        (Text("a", 1, ["\ud800"]), "record"),
        (Ping(1 << 70), "record"),
    ],
)
def test_what_cannot_be_sent_is_not(too_much: Any, code: str) -> None:
    with pytest.raises(WireError) as refused:
        encode(too_much)
    assert refused.value.code == code


@given(st.binary(max_size=400))
@settings(max_examples=1000)
def test_random_bytes_are_refused(data: bytes) -> None:
    assert decode_or_refuse(data) is None


@given(st.binary(max_size=100), st.binary(max_size=20))
@settings(max_examples=1000)
def test_random_records_are_refused_or_understood(packed: bytes, payload: bytes) -> None:
    decode_or_refuse(prefixed(packed, payload))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
@settings(max_examples=1000)
def test_any_value_in_any_field_is_refused_or_of_its_type(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(KNOWN)))
    names = [item.name for item in fields(KNOWN[kind]) if item.name != "payload"]
    record = {name: data.draw(ANYTHING) for name in data.draw(st.sets(st.sampled_from(names)))}
    received = decode_or_refuse(message({"type": kind, **record}))
    for name, sent in record.items() if received is not None else ():
        value = getattr(received, name)
        assert value == sent
        assert not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize("data", SAMPLES, ids=[*FROM_CLIENT, *FROM_SERVER])
def test_every_cut_message_is_refused_or_lost_payload_only(data: bytes) -> None:
    whole = decode_or_refuse(data)
    for length in range(len(data)):
        if (cut := decode_or_refuse(data[:length])) is not None:
            assert whole.payload.startswith(cut.payload)


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=2000)
def test_mutated_bytes_are_refused_or_understood(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    mutated = bytearray(data)
    for place, byte in changes:
        mutated[place % len(mutated)] = byte
    decode_or_refuse(bytes(mutated))


def test_a_frame_keeps_its_pose() -> None:
    frame = make_frame(0)
    sent = frame_message(frame, index=7, segment=2, pts_s=0.25)
    received = decode(encode(sent), SERVER_MESSAGES)
    assert (received.stream, received.index, received.segment) == (frame.stream, 7, 2)
    for part, expected in zip(
        frame_values(received),
        (frame.rotations, frame.root_position, frame.blendshapes),
        strict=True,
    ):
        np.testing.assert_array_equal(part, expected)
        assert part.dtype == np.float32


@pytest.mark.parametrize("length", [0, 4 * FRAME_VALUES - 1, 4 * FRAME_VALUES + 4])
def test_a_pose_has_one_length(length: int) -> None:
    with pytest.raises(WireError) as refused:
        frame_values(Frame("a", 0, 0, 0.0, bytes(length)))
    assert refused.value.code == "payload"
