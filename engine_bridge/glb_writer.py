"""Writes glTF in its binary container, GLB: a header, the JSON, then the numbers.

Source: Khronos Group, "glTF 2.0 Specification", section 4, "GLB File Format Specification".
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from engine_bridge.glb_file import (
    BIN_CHUNK,
    CHUNK_HEADER,
    GLB_HEADER,
    GLB_MAGIC,
    GLB_VERSION,
    JSON_CHUNK,
)
from umo_runtime.errors import OutputError

ALIGNMENT = 4  # of chunks, and of whatever lies in them
_MAX_BYTES = 2**32 - 1  # the header has 32 bits for the length


def write_glb(
    stream: BinaryIO, document: Mapping[str, Any], blocks: Iterable[bytes], num_bytes: int
) -> None:
    """Write a document and the buffer it speaks of.

    Args:
        stream: where to write.
        document: glTF as JSON values; floats finite.
        blocks: the buffer's bytes in pieces, made one at a time.
        num_bytes: how many they are, a multiple of 4; 0 for none.

    Raises:
        OutputError: the file would be larger than GLB can be.
    """
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    chunks: list[tuple[bytes, int, Iterable[bytes]]] = [(JSON_CHUNK, len(text), [text])]
    if num_bytes:
        chunks.append((BIN_CHUNK, num_bytes, blocks))
    total = GLB_HEADER.size + sum(CHUNK_HEADER.size + size for _, size, _ in chunks)
    if total > _MAX_BYTES:
        raise OutputError(
            f"the recording needs {total / 1e9:.1f} GB, and glTF holds 4.2; make shorter takes"
        )
    stream.write(GLB_HEADER.pack(GLB_MAGIC, GLB_VERSION, total))
    for kind, size, content in chunks:
        stream.write(CHUNK_HEADER.pack(size, kind))
        stream.writelines(content)
