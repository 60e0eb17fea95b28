"""A picture of `umo bench scale`: latency, processor time, drops over avatars; a line a set-up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from umo_runtime.errors import OutputError

_PANELS = (
    ("behind_p50_ms", "latency p50, ms"),
    ("behind_p95_ms", "latency p95, ms"),
    ("behind_p99_ms", "latency p99, ms"),
    ("core_share", "processor time, cores"),
    ("dropped", "frames dropped"),
)
_WIDTH, _HEIGHT, _MARGIN, _LEGEND = 300, 260, 46, 70
_INK, _GRID = (40, 40, 40), (225, 225, 225)
_COLOURS = ((31, 119, 180), (214, 39, 40), (44, 160, 44), (148, 103, 189), (255, 127, 14))
_TICKS = 4

Place = tuple[float, float]


def draw_scale(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a PNG.

    Args:
        rows: of the benchmark.
        path: of the picture.

    Raises:
        OutputError: it cannot be written.
    """
    lines = sorted({(row["runner"], row["shards"]) for row in rows})
    image = Image.new("RGB", (_WIDTH * len(_PANELS), _HEIGHT + _LEGEND), "white")
    draw = ImageDraw.Draw(image)
    for number, (name, title) in enumerate(_PANELS):
        _panel(draw, number * _WIDTH, rows, lines, name, title)
    for number, (runner, shards) in enumerate(lines):
        left, colour = _MARGIN + 190 * number, _COLOURS[number % len(_COLOURS)]
        draw.line((left, _HEIGHT + 30, left + 24, _HEIGHT + 30), colour, 3)
        draw.text((left + 30, _HEIGHT + 24), f"{runner}, {shards} shard(s)", _INK)
    try:
        image.save(path, "PNG")
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror}); choose another --plot"
        ) from error


def _panel(
    draw: ImageDraw.ImageDraw,
    left: int,
    rows: Sequence[dict[str, Any]],
    lines: Sequence[tuple[str, int]],
    name: str,
    title: str,
) -> None:
    """One figure over avatars."""
    most = max((row[name] or 0 for row in rows), default=0) or 1
    widest = max(row["avatars"] for row in rows)

    def at(avatars: float, value: float) -> Place:
        return (
            left + _MARGIN + avatars / widest * (_WIDTH - 1.5 * _MARGIN),
            _HEIGHT - _MARGIN - value / most * (_HEIGHT - 2 * _MARGIN),
        )

    draw.text((left + _MARGIN, 12), title, _INK)
    for tick in range(_TICKS + 1):
        value = most * tick / _TICKS
        start, end = at(0, value), at(widest, value)
        draw.line((*start, *end), _GRID)
        draw.text((left + 4, start[1] - 6), f"{value:.3g}", _INK)
    for avatars in sorted({row["avatars"] for row in rows}):
        x, y = at(avatars, 0)
        draw.text((x - 6, y + 8), str(avatars), _INK)
    draw.text((left + _WIDTH / 2 - 20, _HEIGHT - 18), "avatars", _INK)
    for number, line in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [
            at(row["avatars"], row[name])
            for row in sorted(rows, key=lambda row: row["avatars"])
            if (row["runner"], row["shards"]) == line and row[name] is not None
        ]
        draw.line(points, colour, 2)
        for x, y in points:
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), colour)
