"""What `umo top` does: asks once a second and shows what a server, or each shard, did meanwhile."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice

from rich.console import Group
from rich.live import Live
from rich.table import Table

from umo_runtime.cli.top_reading import NetworkLoad, ServerLoad, by_shard, load_between, read
from umo_runtime.clock import Clock

_EVERY_S = 1.0


def top(url: str, clock: Clock, *, as_json: bool, count: int | None) -> None:
    """Show a server's load until Ctrl-C, or so many times.

    Raises:
        OutputError: the server does not answer.
    """
    loads = islice(_loads(url, clock), count)
    if as_json:
        for shards in loads:
            for name, load in shards.items():
                print(json.dumps({**({"shard": name} if name else {}), **asdict(load)}), flush=True)
        return
    with Live(auto_refresh=False) as live:
        for shards in loads:
            live.update(table(shards), refresh=True)


def _loads(url: str, clock: Clock) -> Iterator[Mapping[str, ServerLoad]]:
    """The load of every second, by shard."""
    before, began_s = by_shard(read(url)), clock.now_s()
    while True:
        clock.wait_until(began_s + _EVERY_S)
        now, now_s = by_shard(read(url)), clock.now_s()
        yield {
            name: load_between(before.get(name, {}), each, now_s - began_s)
            for name, each in now.items()
        }
        before, began_s = now, now_s


def table(shards: Mapping[str, ServerLoad]) -> Group:
    """Two tables: the servers, and their networks; shards have names."""
    has_engines = any(load.engines is not None for load in shards.values())
    named = ("shard",) if any(shards) else ()
    more = ("engines", "switches", "hop ms") if has_engines else ()
    servers = Table(
        *named,
        *("characters", "clients", "frames/s", "fps each", "refused/s", "frame age ms"),
        *more,
    )
    networks = Table(*named, "network", "steps/s", "characters a step", "ms a step", "busy")
    for name, load in shards.items():
        label = (name,) if named else ()
        servers.add_row(*label, *_server(load), *(_engines(load) if has_engines else ()))
        for network, each in load.networks.items():
            networks.add_row(*label, network, *_network(each))
    return Group(servers, networks)


def _server(load: ServerLoad) -> tuple[str, ...]:
    ages = " / ".join(f"{load.age_ms[name]:.0f}" for name in load.age_ms)
    return (
        str(load.characters),
        str(load.clients),
        f"{load.frames_per_s:.0f}",
        str(load.sent_fps),
        f"{load.refusals_per_s:.1f}",
        f"{ages} ({' / '.join(load.age_ms)})" if ages else "-",
    )


def _engines(load: ServerLoad) -> tuple[str, ...]:
    hops = " / ".join(f"{age:.2f}" for age in load.hop_ms.values())
    return str(load.engines), str(load.switches), f"{hops} ({' / '.join(load.hop_ms)})"


def _network(load: NetworkLoad) -> tuple[str, ...]:
    return (
        f"{load.steps_per_s:.1f}",
        f"{load.rows:.1f}",
        f"{load.step_ms:.1f}",
        f"{load.busy_share:.0%}",
    )
