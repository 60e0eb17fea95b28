"""Two tables for `docs/ablations.md`: routings, and keyframe intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.ablation_variant import INTERVALS, ROUTINGS, Variant

_DESIGNED = INTERVALS[2]
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of all variants.

    Attributes:
        title: with the unit.
        group: where it is in a variant's record.
        name: of it there.
        decimals: worth reading.
        factor: from the record's unit to the title's.
    """

    title: str
    group: str
    name: str
    decimals: int
    factor: float = 1.0

    def cell(self, record: Mapping[str, Any]) -> str:
        """The figure of a record; of several seeds the mean and half their range."""
        values = record.get(self.group, {})
        value = values.get("mean", values).get(self.name)
        if value is None:
            return _UNKNOWN
        text = f"{self.factor * value:.{self.decimals}f}"
        seeds = [each[self.name] for each in values.get("seeds", ())]
        if None in seeds or len(seeds) < 2:
            return text
        half = self.factor * (max(seeds) - min(seeds)) / 2
        return f"{text} ± {half:.{self.decimals}f}"


_ROWS = (
    Row("held-out cross-entropy, nats a token", "held_out", "nats_per_token", 3),
    Row("held-out cross-entropy, bits a second", "held_out", "bits_per_second", 0),
    Row("FGD", "body", "fgd", 2),
    Row("beat consistency", "body", "beat_consistency", 3),
    Row("by chance", "body", "beat_consistency_chance", 3),
    Row("gesture diversity, of real motion's", "body", "gesture_diversity_to_real", 2),
    Row("jerk, of real motion's", "body", "jerk_to_real", 2),
    Row("wrist speed, of real motion's", "body", "wrist_speed_to_real", 2),
    Row("foot slide, cm/s", "body", "foot_slide_cm_per_s", 2),
    Row("predictor's parameters, millions", "cost", "parameters", 2, 1e-6),
    Row("predictor's steps a second", "cost", "steps_per_second", 2),
    Row("step of 1 stream, ms of one core", "cost", "step_ms_1", 2),
    Row("step of 16 streams, ms of one core", "cost", "step_ms_16", 1),
    Row("share of a core, 1 stream, %", "cost", "core_share_1", 1, 100),
    Row("share of a core for each of 16, %", "cost", "core_share_16", 1, 100),
    Row("training, ms a step", "training", "ms_per_step", 0),
)
_TEACHER = "choreographer"


def as_markdown(results: Mapping[str, Any]) -> str:
    """Both tables of what `benchmarks.ablations` wrote; variants that failed are left out."""
    intervals = {f"every {each.interval}": each for each in INTERVALS}
    routings: dict[str, Variant] = {each.routing: each for each in (_DESIGNED, *ROUTINGS)}
    return "\n\n".join(
        (_table("routing", routings, results), _table("frames to a keyframe", intervals, results))
    )


def _table(corner: str, columns: Mapping[str, Variant], results: Mapping[str, Any]) -> str:
    records = results["variants"]
    shown = {title: records.get(variant.name) for title, variant in columns.items()}
    shown = {title: record for title, record in shown.items() if record and "error" not in record}
    if _TEACHER in results:
        shown[_TEACHER] = results[_TEACHER]
    lines = [_line([corner, *shown]), _line(["---"] * (len(shown) + 1))]
    lines += [_line([row.title, *map(row.cell, shown.values())]) for row in _ROWS]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
