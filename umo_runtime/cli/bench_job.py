"""What `umo bench` does around a measurement: server, rehearsals, progress, result."""

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from engine_bridge.direct_link import DirectLink
from umo_runtime.cli.bench_bridge import BridgeJob, run_bridge
from umo_runtime.cli.bench_latency import LatencyRun, Piece
from umo_runtime.cli.bench_load import WARM_UP_S, LoadRun
from umo_runtime.cli.bench_plot import draw_scale
from umo_runtime.cli.bench_scale import compared, row, run_once, setups
from umo_runtime.cli.bench_server import open_server
from umo_runtime.cli.bench_speech import load_speech, onsets, rehearse
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.extras import require
from umo_runtime.cli.processor import processor
from umo_runtime.cli.step_bar import step_bar
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.errors import ConfigError
from umo_runtime.types import SAMPLE_RATE_HZ

_PIECE_SAMPLES = 3 * SAMPLE_RATE_HZ
_MOST_PIECES = 6


@dataclass(frozen=True, slots=True)
class BenchJob:
    """What to measure; the fields are the options of `umo bench`."""

    connect: str | None = None
    token: str = ""
    repeats: int = 24
    avatars: int = 40
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ScaleJob:
    """What to compare; the fields are the options of `umo bench scale`."""

    shards: tuple[int, ...] = (1, 2, 4)
    avatars: tuple[int, ...] = (4, 10, 20)
    seconds: float = 10.0
    rounds: int = 1
    plot: Path | None = None


def parse_numbers(name: str, text: str, most: int = 16) -> tuple[int, ...]:
    """Numbers with commas between them, 1 to 4096 each.

    Args:
        name: of the option.
        text: such as `4,10,20`.
        most: how many.

    Raises:
        ConfigError: they are none.
    """
    parts = text.split(",")
    numbers = tuple(int(part) for part in parts if part.strip().isdecimal())
    if len(numbers) != len(parts) or len(parts) > most or not all(1 <= n <= 4096 for n in numbers):
        example = "20" if most == 1 else "4,10,20"
        raise ConfigError(f"--{name} is {text!r}; give 1 to 4096, such as {example}")
    return numbers


def measure_latency(job: BenchJob, clock: Clock | None = None) -> dict[str, Any]:
    """See `bench_latency`."""
    clock = clock or MonotonicClock()
    pieces = _rehearsed(clock, job.repeats)
    with (
        open_server(job.connect, job.token, streams=2) as server,
        DirectLink(server.url, clock, job.token) as link,
        step_bar("Talking", job.repeats) as done,
    ):
        result = LatencyRun(link, pieces, clock).measure(server, job.repeats, done).result()
    return {"benchmark": "latency", **result, **_described()}


def measure_load(job: BenchJob, clock: Clock | None = None) -> dict[str, Any]:
    """See `bench_load`."""
    clock = clock or MonotonicClock()
    speech = load_speech()
    rehearsal = rehearse(speech[:_PIECE_SAMPLES], open_engine(None), clock)
    with (
        open_server(job.connect, job.token, job.avatars) as server,
        DirectLink(server.url, clock, job.token) as link,
        step_bar("Talking", round(WARM_UP_S + job.seconds)) as done,
    ):
        run = LoadRun(link, speech, job.avatars, clock)
        result = run.measure(server, job.seconds, rehearsal, done)
    return {"benchmark": "load", **result, **_described()}


def measure_scale(job: ScaleJob, clock: Clock | None = None) -> dict[str, Any]:
    """See `bench_scale`.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    require("ray", extra="cluster")
    clock = clock or MonotonicClock()
    speech = load_speech()
    rehearsal = rehearse(speech[:_PIECE_SAMPLES], open_engine(None), clock)
    cases = [(count, setup) for count in job.avatars for setup in setups(job.shards)]
    runs: dict[Any, list[dict[str, Any]]] = {case: [] for case in cases}
    steps = job.rounds * len(cases) * round(WARM_UP_S + job.seconds)
    with step_bar("Talking", steps) as done:
        for case in job.rounds * cases:
            count, setup = case
            runs[case].append(run_once(setup, count, job.seconds, speech, rehearsal, clock, done))
    rows = compared([row(setup, runs[count, setup]) for count, setup in cases])
    if job.plot is not None:
        draw_scale(rows, job.plot)
    described = _described()
    described["versions"]["ray"] = version("ray")
    return {"benchmark": "scale", "seconds": job.seconds, "rows": rows, **described}


def measure_bridge(job: BridgeJob, clock: Clock | None = None) -> dict[str, Any]:
    """See `bench_bridge`."""
    result = run_bridge(job, clock or MonotonicClock())
    described = _described()
    described["versions"]["python-osc"] = version("python-osc")
    return {"benchmark": "bridge", **result, **described}


def print_rows(result: dict[str, Any], *, as_json: bool) -> None:
    """Print one JSON object, or a table for people, on stdout."""
    if as_json:
        print(json.dumps(result))
        return
    table = Table(*result["rows"][-1])
    for each in result["rows"]:
        table.add_row(*(str(each.get(name, "")) for name in result["rows"][-1]))
    Console().print(table)


def print_result(result: dict[str, Any], *, as_json: bool) -> None:
    """Print one JSON object, or lines for people, on stdout."""
    if as_json:
        print(json.dumps(result))
        return
    width = max(map(len, result))
    for name, value in result.items():
        shown = value
        if isinstance(value, dict):
            shown = ", ".join(f"{part} {inner}" for part, inner in value.items())
        print(f"{name:<{width}}  {'unknown' if shown is None else shown}")


def _rehearsed(clock: Clock, most: int) -> list[Piece]:
    """The pieces that begin at an onset and are long enough, with their rehearsals."""
    speech, engine = load_speech(), open_engine(None)
    starts = [start for start in onsets(speech) if start + _PIECE_SAMPLES <= len(speech)]
    starts = starts[: min(most, _MOST_PIECES)]
    pieces = []
    with step_bar("Rehearsing", len(starts)) as done:
        for start in starts:
            samples = speech[start : start + _PIECE_SAMPLES]
            pieces.append(Piece(samples, rehearse(samples, engine, clock)))
            done()
    return pieces


def _described() -> dict[str, Any]:
    packages = ("umo-runtime", "onnxruntime", "numpy", "pyzmq")
    return {
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "system": platform.system(),
            "date": datetime.now(UTC).date().isoformat(),
        },
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in packages},
        },
    }
