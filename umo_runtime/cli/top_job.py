"""What `umo top` does: asks a server once a second and shows what it did meanwhile."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice

from rich.console import Group
from rich.live import Live
from rich.table import Table

from umo_runtime.cli.top_reading import ServerLoad, load_between, read
from umo_runtime.clock import Clock

_EVERY_S = 1.0


def top(url: str, clock: Clock, *, as_json: bool, count: int | None) -> None:
    """Show a server's load until Ctrl-C, or so many times.

    Raises:
        OutputError: the server does not answer.
    """
    loads = islice(_loads(url, clock), count)
    if as_json:
        for load in loads:
            print(json.dumps(asdict(load)), flush=True)
        return
    with Live(auto_refresh=False) as live:
        for load in loads:
            live.update(table(load), refresh=True)


def _loads(url: str, clock: Clock) -> Iterator[ServerLoad]:
    """The load of every second."""
    before, began_s = read(url), clock.now_s()
    while True:
        clock.wait_until(began_s + _EVERY_S)
        now, now_s = read(url), clock.now_s()
        yield load_between(before, now, now_s - began_s)
        before, began_s = now, now_s


def table(load: ServerLoad) -> Group:
    """Two tables: the server, and its networks."""
    server = Table("characters", "clients", "frames/s", "fps each", "refused/s", "frame age ms")
    ages = " / ".join(f"{load.age_ms[name]:.0f}" for name in load.age_ms)
    server.add_row(
        str(load.characters),
        str(load.clients),
        f"{load.frames_per_s:.0f}",
        str(load.sent_fps),
        f"{load.refusals_per_s:.1f}",
        f"{ages} ({' / '.join(load.age_ms)})" if ages else "-",
    )
    networks = Table("network", "steps/s", "characters a step", "ms a step", "busy")
    for name, each in load.networks.items():
        networks.add_row(
            name,
            f"{each.steps_per_s:.1f}",
            f"{each.rows:.1f}",
            f"{each.step_ms:.1f}",
            f"{each.busy_share:.0%}",
        )
    return Group(server, networks)
