"""`umo bench scale`: avatars by shards, each beside the same number in one process, in one run.

Every round starts a server for each number of avatars and each set-up in turn, lets all avatars
talk as `umo bench load` does, and ends it: what disturbs the machine disturbs all set-ups alike. A
row is the median of its rounds. `core_share` is that of all processes of the server, those of Ray
itself included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from engine_bridge.direct_link import DirectLinks
from umo_runtime.cli.bench_load import LoadRun
from umo_runtime.cli.bench_server import open_server
from umo_runtime.cli.bench_speech import Rehearsal
from umo_runtime.clock import Clock
from umo_runtime.types import FloatArray

EMBEDDED, RAY = "embedded", "ray"
_SHOWN = ("fps", "late_share", "dropped", "core_share", "rss_mb", "machine_core_share")


@dataclass(frozen=True, slots=True)
class Setup:
    """What serves the avatars.

    Attributes:
        runner: EMBEDDED or RAY.
        shards: 1 where it is embedded.
    """

    runner: str
    shards: int = 1

    @property
    def options(self) -> tuple[str, ...]:
        """Of `umo serve`."""
        if self.runner == EMBEDDED:
            return ()
        return ("--runner", RAY, "--shards", str(self.shards))


def setups(shards: Sequence[int]) -> list[Setup]:
    """One process, and each number of shards."""
    return [Setup(EMBEDDED), *(Setup(RAY, count) for count in shards)]


def run_once(
    setup: Setup,
    avatars: int,
    seconds: float,
    speech: FloatArray,
    rehearsal: Rehearsal,
    clock: Clock,
    done: Callable[[], None],
) -> dict[str, Any]:
    """One server, one number of avatars; see `LoadRun.measure`.

    Raises:
        ServiceError: it does not start, or refuses something.
    """
    with (
        open_server(None, "", avatars, setup.options) as server,
        DirectLinks(server.url, setup.shards, clock) as links,
    ):
        return LoadRun(links, speech, avatars, clock).measure(server, seconds, rehearsal, done)


def row(setup: Setup, runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of some runs."""

    def middle(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(median(known), 4) if known else None

    return {
        "runner": setup.runner,
        "shards": setup.shards,
        "avatars": runs[0]["avatars"],
        "rounds": len(runs),
        **{
            f"behind_{part}_ms": middle([run["behind_ms"][part] for run in runs])
            for part in runs[0]["behind_ms"]
        },
        **{name: middle([run[name] for run in runs]) for name in _SHOWN},
    }


def compared(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows, those of Ray with what they take more than one process with as many avatars.

    `cpu_more` is a share, `latency_more_ms` of the median.
    """
    alone = {each["avatars"]: each for each in rows if each["runner"] == EMBEDDED}
    out = []
    for each in rows:
        base = alone.get(each["avatars"])
        if each["runner"] == EMBEDDED or base is None or not base["core_share"]:
            out.append(dict(each))
            continue
        more_ms = each["behind_p50_ms"] - base["behind_p50_ms"]
        more = each["core_share"] / base["core_share"] - 1
        out.append({**each, "cpu_more": round(more, 3), "latency_more_ms": round(more_ms, 1)})
    return out
