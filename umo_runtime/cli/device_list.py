"""Prints sound devices."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from actors.audio_device import AudioDevice

_HEADER = ("", "index", "name", "host API", "channels", "rate")


def print_devices(devices: Sequence[AudioDevice], as_json: bool) -> None:
    """Print a table, or one JSON array."""
    if as_json:
        print(json.dumps([asdict(device) for device in devices]))
    elif devices:
        _print_table([_HEADER, *map(_row, devices)])
    else:
        print("No microphone was found; plug one in, then run: umo doctor", file=sys.stderr)


def _row(device: AudioDevice) -> tuple[str, ...]:
    star = "*" if device.is_default else ""
    rate = f"{device.rate_hz} Hz"
    return star, str(device.index), device.name, device.host_api, str(device.channels), rate


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
