"""`umo bench`: how fast `umo serve`, and what it sends with, is on this machine."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def command(
    mode: Annotated[
        Literal["latency", "load", "scale", "bridge"],
        typer.Argument(
            help="One character that talks and is interrupted, many that talk, many on shards, "
            "or only what sends their frames."
        ),
    ],
    repeats: Annotated[
        int, typer.Option(help="latency: how often it talks; 3 seconds each.", min=1)
    ] = 24,
    avatars: Annotated[
        str,
        typer.Option(
            help="load, bridge: how many characters, 40 and 100; scale: numbers, 4,10,20."
        ),
    ] = "",
    seconds: Annotated[
        float | None,
        typer.Option(
            help="load, scale: how long they talk, 30; bridge: each of three sends, 10.", min=1
        ),
    ] = None,
    shards: Annotated[
        str, typer.Option(help="scale: numbers of shards, each beside one process.")
    ] = "1,2,4",
    rounds: Annotated[
        int, typer.Option(help="scale: how often each is measured; rows are medians.", min=1)
    ] = 1,
    plot: Annotated[
        Path | None, typer.Option(help="scale: PNG to write a picture of the rows to.")
    ] = None,
    connect: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="tcp:// of a server that runs; by default one is started."
        ),
    ] = None,
    token: Annotated[str, typer.Option(envvar="UMO_TOKEN", help="The server's secret.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Measure `umo serve` with real speech at real pace and this process's clock alone, or senders.

    From pushed sound to received frames, and from an interruption to a shut mouth:

        umo bench latency

    Forty characters for a minute:

        umo bench load --avatars 40 --seconds 60

    One process beside shards that Ray places:

        umo bench scale --avatars 4,10,20 --shards 1,2,4 --seconds 10 --plot scale.png

    VMC beside python-osc, frames a second over ZeroMQ, a hundred characters over VMC; a minute:

        umo bench bridge
    """
    from umo_runtime.cli.bench_bridge import BridgeJob, print_bridge
    from umo_runtime.cli.bench_job import (
        BenchJob,
        ScaleJob,
        measure_bridge,
        measure_latency,
        measure_load,
        measure_scale,
        parse_numbers,
        print_result,
        print_rows,
    )

    if mode == "scale":
        numbers = parse_numbers("avatars", avatars or "4,10,20"), parse_numbers("shards", shards)
        scale = ScaleJob(numbers[1], numbers[0], seconds or 30.0, rounds, plot)
        print_rows(measure_scale(scale), as_json=json)
        return
    (count,) = parse_numbers("avatars", avatars or ("100" if mode == "bridge" else "40"), most=1)
    if mode == "bridge":
        print_bridge(measure_bridge(BridgeJob(count, seconds or 10.0)), as_json=json)
        return
    job = BenchJob(connect, token, repeats, count, seconds or 30.0)
    measure = measure_latency if mode == "latency" else measure_load
    print_result(measure(job), as_json=json)
