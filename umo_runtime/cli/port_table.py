"""Shows and keeps plans of ports."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine_bridge.atomic_file import AtomicFile
from engine_bridge.vmc_port_plan import AvatarPorts
from umo_runtime.errors import OutputError

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


def read_plan(path: Path) -> dict[str, str]:
    """Addresses of the senders in a plan, by name of the stream.

    Raises:
        OutputError: the file cannot be read, or is no plan.
    """
    try:
        avatars = json.loads(path.read_text(encoding="utf-8"))
        outputs = {avatar["stream"]: avatar["output"] for avatar in avatars}
    except OSError as error:
        raise OutputError(f"plan {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise OutputError(f"{str(path)!r} is no plan; write one: umo ports --out FILE") from error
    if not all(isinstance(text, str) for pair in outputs.items() for text in pair):
        raise OutputError(f"{str(path)!r} is no plan; write one: umo ports --out FILE")
    return outputs


def _as_json(plan: Sequence[AvatarPorts]) -> str:
    return json.dumps([asdict(avatar) for avatar in plan])
