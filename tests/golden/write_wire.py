"""Writes `wire/`: messages of the native protocol as files, and `wire.json`, which describes them.

python -m tests.golden.write_wire
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from engine_bridge.wire import encode
from engine_bridge.wire_messages import CLIENT_MESSAGES, SERVER_MESSAGES
from tests.engine_bridge.wire_samples import (
    FROM_CLIENT,
    FROM_SERVER,
    REFUSED,
    REFUSED_FROM_CLIENT,
)

FOLDER = Path(__file__).parent / "wire"
_ABOUT = (
    "One message a file. `messages`: decode to `fields` (those that are null were left out) and "
    "`payload`; encoding them again in the order of the fields, with the shortest MessagePack "
    "forms and every float as a float64, gives the same bytes. `refused`: `by` must refuse them "
    "with `code`."
)


def golden_files() -> dict[str, bytes]:
    """Content of every file by its name."""
    samples = {**FROM_CLIENT, **FROM_SERVER}
    refused = {**REFUSED, **REFUSED_FROM_CLIENT}
    described = {
        "about": _ABOUT,
        "messages": [_described(name, message) for name, message in samples.items()],
        "refused": [
            {
                "file": _file(f"refused_{name}"),
                "by": ["server"] if name in REFUSED_FROM_CLIENT else ["server", "client"],
                "code": code,
            }
            for name, (code, _) in refused.items()
        ],
    }
    return {
        **{_file(name): encode(message) for name, message in samples.items()},
        **{_file(f"refused_{name}"): data for name, (_, data) in refused.items()},
        "wire.json": (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode(),
    }


def _file(name: str) -> str:
    return f"{name}.bin"


def _described(name: str, message: Any) -> dict[str, Any]:
    known = CLIENT_MESSAGES if name in FROM_CLIENT else SERVER_MESSAGES
    values = {item.name: getattr(message, item.name) for item in fields(message)}
    payload = values.pop("payload", b"")
    described = {
        "file": _file(name),
        "from": "client" if name in FROM_CLIENT else "server",
        "type": next(kind for kind, known_type in known.items() if known_type is type(message)),
        "fields": values,
    }
    if payload:
        samples = "<i2" if name == "audio_s16" else "<f4"
        described["payload"] = {"as": samples, "values": np.frombuffer(payload, samples).tolist()}
    return described


def main() -> None:
    """Replace the folder's content."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
