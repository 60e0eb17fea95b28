import io

import pytest

from engine_bridge.glb_file import read_glb
from engine_bridge.glb_writer import write_glb
from umo_runtime.errors import OutputError


@pytest.mark.parametrize("text", ["", "a", "ab", "abc", "ü"])
@pytest.mark.parametrize("blocks", [[], [b"1234"], [b"1234", b"56789abc"]])
def test_what_is_written_is_read(text: str, blocks: list[bytes]) -> None:
    stream = io.BytesIO()
    document = {"asset": {"version": "2.0"}, "extras": text}
    write_glb(stream, document, blocks, sum(map(len, blocks)))
    assert read_glb(stream.getvalue()) == (document, b"".join(blocks))
    assert len(stream.getvalue()) % 4 == 0


def test_more_than_32_bits_can_count_is_refused_before_anything_is_written() -> None:
    stream = io.BytesIO()
    with pytest.raises(OutputError, match=r"needs 4\.3 GB, and glTF holds 4\.2; make shorter"):
        write_glb(stream, {}, [], 2**32)
    assert stream.getvalue() == b""
