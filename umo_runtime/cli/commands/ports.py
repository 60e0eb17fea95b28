"""`umo ports`: a port for every avatar."""

from pathlib import Path
from typing import Annotated

import typer

_DEFAULT_OUTPUT = "vmc://127.0.0.1:39539"


def command(
    streams: Annotated[
        list[str] | None, typer.Argument(metavar="STREAM", help="Names of the avatars.")
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(help="So many avatars, named avatar-1 and so on.", min=1, max=65535),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            metavar="vmc://HOST:PORT",
            help="Where the first one goes, with the options of all; the next ports follow.",
        ),
    ] = _DEFAULT_OUTPUT,
    source_port: Annotated[
        int,
        typer.Option(
            help="Where the first one comes from; the next ports follow.", min=1, max=65535
        ),
    ] = 29539,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the plan there, as JSON.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array on stdout.")] = False,
) -> None:
    """Plan the ports of many avatars: VMC tells them apart by nothing else.

        umo ports ada bob

        umo ports --count 100 --output "vmc://192.168.0.7:40001?fingers=false" --out ports.json

    Each avatar goes to a port of its own, from a port of its own that never changes. The last
    column is what --output of `umo live` and `umo run` takes. Objects of the JSON hold `stream`,
    `receivers` (host and port), `source_port` and `output`.
    """
    from engine_bridge.vmc_port_plan import plan_ports
    from umo_runtime.cli.port_table import print_plan, write_plan

    if bool(streams) == (count is not None):
        raise typer.BadParameter("give the names of the avatars, or --count N")
    names = streams or [f"avatar-{number}" for number in range(1, (count or 0) + 1)]
    plan = plan_ports(names, output, source_port)
    if out is not None:
        write_plan(plan, out)
    print_plan(plan, as_json=json)
