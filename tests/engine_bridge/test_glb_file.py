import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.glb_file import read_glb
from tests.engine_bridge.vrm_files import pack_glb
from umo_runtime.errors import OutputError

DOCUMENT = {"asset": {"version": "2.0"}, "nodes": [{"name": "é"}]}
WHOLE = pack_glb(DOCUMENT, binary=b"\1\2\3\4")


def test_json_and_binary_chunk():
    assert read_glb(WHOLE) == (DOCUMENT, b"\1\2\3\4")


def test_a_file_without_a_binary_chunk():
    assert read_glb(pack_glb(DOCUMENT)) == (DOCUMENT, b"")


def test_unknown_chunks_and_what_follows_the_file_are_ignored():
    more = struct.pack("<I4s", 4, b"XTRA") + bytes(4)
    length = struct.pack("<I", len(WHOLE) + len(more))
    data = WHOLE[:8] + length + WHOLE[12:] + more + b"trailing"
    assert read_glb(data) == (DOCUMENT, b"\1\2\3\4")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it begins with b'', not b'glTF': it is no binary glTF"),
        (b"glTF\2\0\0\0", "it is no binary glTF"),
        (b"PK\3\4" + bytes(99), "it begins with b'PK\\x03\\x04'"),
        (pack_glb(DOCUMENT, version=1), "it is glTF 1; expected glTF 2"),
        (WHOLE[:-1], f"it ends after {len(WHOLE) - 1} of {len(WHOLE)} bytes; it is damaged"),
        (WHOLE[:12] + b"\xff\xff\xff\x7f" + WHOLE[16:], "goes beyond its end"),
        (WHOLE[:16] + b"BIN\0" + WHOLE[20:], "it has no JSON chunk"),
        (struct.pack("<4sII", b"glTF", 2, 12), "it has no JSON chunk"),
        (pack_glb(b"{"), "its JSON cannot be read"),
        (pack_glb(b'{"a": NaN}'), "its JSON cannot be read"),
        (pack_glb(b'{"a": "\xff"}'), "its JSON cannot be read"),
        (pack_glb(b"[" * 100_000), "its JSON cannot be read"),
        (pack_glb([]), "its JSON is no object"),
    ],
)
def test_what_is_no_whole_file(data, message):
    with pytest.raises(OutputError) as caught:
        read_glb(data)
    assert message in str(caught.value)


@given(st.binary(max_size=64).map(lambda tail: b"glTF\2\0\0\0" + tail))
def test_any_bytes_are_read_or_refused(data):
    try:
        read_glb(data)
    except OutputError as error:
        assert len(str(error).splitlines()) == 1
