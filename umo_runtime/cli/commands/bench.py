"""`umo bench`: how fast `umo serve` is on this machine, measured from outside."""

from typing import Annotated, Literal

import typer


def command(
    mode: Annotated[
        Literal["latency", "load"],
        typer.Argument(help="One character that talks and is interrupted, or many that talk."),
    ],
    repeats: Annotated[
        int, typer.Option(help="latency: how often it talks; 3 seconds each.", min=1)
    ] = 24,
    avatars: Annotated[int, typer.Option(help="load: how many characters.", min=1, max=4096)] = 40,
    seconds: Annotated[float, typer.Option(help="load: how long they talk.", min=1)] = 30.0,
    connect: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="tcp:// of a server that runs; by default one is started."
        ),
    ] = None,
    token: Annotated[str, typer.Option(envvar="UMO_TOKEN", help="The server's secret.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """Measure `umo serve` with real speech at real pace and this process's clock alone.

    From pushed sound to received frames, and from an interruption to a shut mouth:

        umo bench latency

    Forty characters for a minute:

        umo bench load --avatars 40 --seconds 60
    """
    from umo_runtime.cli.bench_job import BenchJob, measure_latency, measure_load, print_result

    job = BenchJob(connect, token, repeats, avatars, seconds)
    measure = measure_latency if mode == "latency" else measure_load
    print_result(measure(job), as_json=json)
