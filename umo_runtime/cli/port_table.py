"""Shows and keeps plans of ports."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine_bridge.atomic_file import AtomicFile
from engine_bridge.vmc_port_plan import AvatarPorts

_HEADER = ("stream", "from port", "--output")


def print_plan(plan: Sequence[AvatarPorts], *, as_json: bool) -> None:
    """Print a table, whose last column can be copied, or one JSON array."""
    if as_json:
        print(_as_json(plan))
        return
    rows = [_HEADER, *((each.stream, str(each.source_port), each.output) for each in plan)]
    width = max(len(stream) for stream, _, _ in rows)
    for stream, source_port, output in rows:
        print(f"{stream:<{width}}  {source_port:<{len(_HEADER[1])}}  {output}")


def write_plan(plan: Sequence[AvatarPorts], path: Path) -> None:
    """Write the JSON array.

    Raises:
        OutputError: the file cannot be written.
    """
    file = AtomicFile(path)
    file.stream.write(_as_json(plan).encode() + b"\n")
    file.commit()


def _as_json(plan: Sequence[AvatarPorts]) -> str:
    return json.dumps([asdict(avatar) for avatar in plan])
