"""`umo top`: what a server is doing."""

from typing import Annotated

import typer


def command(
    url: Annotated[
        str, typer.Argument(help="Of the server's metrics, as it printed it.")
    ] = "http://127.0.0.1:9464/metrics",
    count: Annotated[
        int | None, typer.Option(help="Show so many seconds, then end.", min=1)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object a second.")] = False,
) -> None:
    """Watch a server: characters, frames, their ages, and how busy its networks are.

    In one terminal, then in another:

        umo serve --metrics-port 9464

        umo top

    A frame's age is the time from the newest sound that it needs to the frame.
    """
    from umo_runtime.cli.top_job import top
    from umo_runtime.clock import MonotonicClock

    top(url, MonotonicClock(), as_json=json, count=count)
