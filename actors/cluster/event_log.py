"""Events of a cluster, one a line on stderr: for people, or as JSON objects."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

LogFormat = Literal["text", "json"]
Event = Mapping[str, Any]


def new_event(name: str, **facts: object) -> Event:
    """An event of now."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return {"time": now, "event": name, **facts}


def write_events(
    events: Iterable[Event], log_format: LogFormat, stream: TextIO | None = None
) -> None:
    """Write events in the order of their times.

    Args:
        events: of `new_event`.
        log_format: text for people, json for programs.
        stream: stderr by default.
    """
    for event in sorted(events, key=lambda event: str(event["time"])):
        line = json.dumps(event) if log_format == "json" else _text(event)
        print(line, file=stream or sys.stderr, flush=True)


def _text(event: Event) -> str:
    facts = (f"{name}={value}" for name, value in event.items() if name not in ("time", "event"))
    clock = str(event["time"])[11:23]
    return " ".join((clock, str(event["event"]), *facts))
