"""What `umo bench` does around a measurement: server, rehearsals, progress, result."""

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from engine_bridge.direct_link import DirectLink
from umo_runtime.cli.bench_latency import LatencyRun, Piece
from umo_runtime.cli.bench_load import WARM_UP_S, LoadRun
from umo_runtime.cli.bench_server import open_server
from umo_runtime.cli.bench_speech import load_speech, onsets, rehearse
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.processor import processor
from umo_runtime.cli.step_bar import step_bar
from umo_runtime.clock import Clock, MonotonicClock
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
