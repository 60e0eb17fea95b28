"""One table of figures: a row a figure, a column a subject, sections by what is measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from umo_runtime.evaluation.results import Figures, Results


@dataclass(frozen=True, slots=True)
class Figure:
    """How a figure is printed.

    Attributes:
        unit: of its values.
        target: what to reach, or what people do; may be empty.
        decimals: how many are worth reading; None prints four digits wherever they are, and how far
            one seed strays.
    """

    unit: str
    target: str = ""
    decimals: int | None = 1


_CLEAN = {
    "closures": Figure("% of P, B, M", ">= 90"),
    "closures_strict": Figure("% of P, B, M"),
    "open_vowels": Figure("% of AA, AE, AO, AW, AY", "shut mouth: 0"),
    "shut_justified": Figure("% of shut frames", "shut mouth: lowest"),
    "shut_in_speech": Figure("% of other speech"),
    "jaw_energy_r": Figure("r", decimals=3),
    "silence_motion": Figure("% of speech", "< 3"),
}
SECTIONS: dict[str, dict[str, Figure]] = {
    "Lips, clean": _CLEAN,
    "Lips, babble at 10 dB": {f"{name}+babble": figure for name, figure in _CLEAN.items()},
    "Lips, pink noise at 10 dB": {f"{name}+noise": figure for name, figure in _CLEAN.items()},
    "Lips against capture": {
        "jaw_r": Figure("r", ">= 0.90", 3),
        "jaw_lag": Figure("frames", "-1 to 1", 0),
        "moving_r": Figure("r", ">= 0.52", 3),
    },
    "Eyes": {
        "blinks_per_minute": Figure("1/min", "people: 26"),
        "blink_ms": Figure("ms"),
        "on_listener": Figure("% of time", "people: 41"),
        "saccades_per_minute": Figure("1/min"),
        "saccade_deg": Figure("degrees"),
        "eye_turn_deg": Figure("degrees", "< 30"),
    },
}
# Families of figures by the beginning of their names.
_FAMILIES = {
    "r_": ("Lips against capture", Figure("r", decimals=3)),
    "keyframes_": ("Keyframes every n frames", Figure("", decimals=2)),
    "tokenizer_": ("Motion tokenizer", Figure("of 0 to 1", decimals=3)),
    "codes_used_": ("Codebooks", Figure("% of codes")),
    "perplexity_": ("Codebooks", Figure("codes")),
}
_BODY = ("Body", Figure("", decimals=None))  # its figures say their units in their names
_UNITS = {"_mm": "mm", "_deg": "degrees"}  # by the end of the name
_UNKNOWN = "-"


def sections(results: Results) -> dict[str, dict[str, Figure]]:
    """The figures that somebody has, in the order they are printed."""
    names = list(dict.fromkeys(name for values in results.mean.values() for name in values))
    found = {
        title: {name: figure for name, figure in known.items() if name in names}
        for title, known in SECTIONS.items()
    }
    for name in names:
        if not any(name in known for known in SECTIONS.values()):
            families = (f for start, f in _FAMILIES.items() if name.startswith(start))
            title, figure = next(families, _BODY)
            units = (unit for end, unit in _UNITS.items() if name.endswith(end))
            found.setdefault(title, {})[name] = replace(figure, unit=next(units, figure.unit))
    return {title: figures for title, figures in found.items() if figures}


def as_text(results: Results) -> str:
    """A table for people, a section with its own columns under each heading."""
    blocks = []
    for title, figures in sections(results).items():
        subjects = [name for name, values in results.mean.items() if figures.keys() & values.keys()]
        rows = [[title, "unit", "target", *subjects]]
        for name, figure in figures.items():
            values = (_cell(results, subject, name, figure.decimals) for subject in subjects)
            rows.append([name.partition("+")[0], figure.unit, figure.target, *values])
        blocks.append(_aligned(rows))
    return "\n\n".join(blocks)


def as_json(results: Results) -> dict[str, Any]:
    """The same for programs: figure -> unit, target, value of each subject (null: none).

    With several seeds, `sd` as well, of the same subjects (null: nothing drawn at random).
    """
    return {
        name: {
            "unit": figure.unit,
            "target": figure.target,
            "values": _by_subject(results.mean, name),
            **({"sd": _by_subject(results.sd, name)} if results.sd else {}),
        }
        for figures in sections(results).values()
        for name, figure in figures.items()
    }


def _by_subject(columns: Mapping[str, Figures], name: str) -> dict[str, float | None]:
    return {
        subject: None if math.isnan(values[name]) else round(values[name], 4)
        for subject, values in columns.items()
        if name in values
    }


def _cell(results: Results, subject: str, name: str, decimals: int | None) -> str:
    mean, sd = (side.get(subject, {}).get(name, math.nan) for side in (results.mean, results.sd))
    if math.isnan(mean):
        return _UNKNOWN
    if decimals is not None:
        return f"{mean:.{decimals}f}"
    return f"{mean:.4g}" if math.isnan(sd) else f"{mean:.4g} ±{sd:.2g}"


def _aligned(rows: list[list[str]]) -> str:
    """Left-align the first three columns, right-align the values."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
