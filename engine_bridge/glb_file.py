"""Binary glTF 2.0, the container of `.glb` and `.vrm`: a header, then chunks, JSON first.

Source: Khronos Group, "glTF 2.0 Specification", section 4, "GLB File Format Specification".
"""

import json
import struct
from typing import Any, NoReturn

from umo_runtime.errors import OutputError

GLB_MAGIC = b"glTF"
GLB_VERSION = 2
GLB_HEADER = struct.Struct("<4sII")  # magic, version, bytes of the whole file
CHUNK_HEADER = struct.Struct("<I4s")  # bytes of the content, type
JSON_CHUNK = b"JSON"
BIN_CHUNK = b"BIN\0"
_DAMAGED = "it is damaged; export or download it again"


def read_glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Take a file apart.

    Args:
        data: the whole file.

    Returns:
        The JSON object, and the content of the binary chunk, empty where there is none.

    Raises:
        OutputError: it is no binary glTF 2.0, or is damaged.
    """
    length = _check_header(data)
    chunks = _chunks(data, length)
    if JSON_CHUNK not in chunks:
        raise OutputError(f"it has no JSON chunk, which a binary glTF begins with; {_DAMAGED}")
    return _parse_json(chunks[JSON_CHUNK]), chunks.get(BIN_CHUNK, b"")


def _check_header(data: bytes) -> int:
    """Give the length that the file says it has."""
    if not data.startswith(GLB_MAGIC) or len(data) < GLB_HEADER.size:
        raise OutputError(f"it begins with {data[:4]!r}, not {GLB_MAGIC!r}: it is no binary glTF")
    _, version, length = GLB_HEADER.unpack_from(data)
    if version != GLB_VERSION:
        raise OutputError(f"it is glTF {version}; expected glTF {GLB_VERSION}: export it anew")
    if length > len(data):
        raise OutputError(f"it ends after {len(data)} of {length} bytes; {_DAMAGED}")
    return int(length)


def _chunks(data: bytes, length: int) -> dict[bytes, bytes]:
    """Content by type, the first of each; unknown types have to be ignored."""
    chunks: dict[bytes, bytes] = {}
    start = GLB_HEADER.size
    while start + CHUNK_HEADER.size <= length:
        size, kind = CHUNK_HEADER.unpack_from(data, start)
        start += CHUNK_HEADER.size
        if start + size > length:
            raise OutputError(f"a chunk of {size} bytes goes beyond its end; {_DAMAGED}")
        chunks.setdefault(kind, data[start : start + size])
        start += size
    return chunks


def _parse_json(content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise OutputError(f"its JSON cannot be read; {_DAMAGED}") from error
    if not isinstance(parsed, dict):
        raise OutputError(f"its JSON is no object; {_DAMAGED}")
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
