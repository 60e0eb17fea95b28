"""What `umo serve` does around the server: safety first, then until a signal comes."""

import asyncio
import ipaddress
import re
import signal
import sys
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from actors.serving import SWITCH_S, ServeOptions, embedded_graph, run_server
from umo_runtime.cli.extras import require
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import ConfigError


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """What runs the graph.

    Attributes:
        runner: embedded in this process, or shards that Ray places.
        weights: folder; None: the bundled ones.
        backend: what runs the networks.
        address: of a Ray cluster to join; None starts Ray on this machine.
        shards: how many, least and most.
        shard_port: the first of two ports a shard; 0: any.
        engine_gpus: of a node, for an engine.
        log: of events of a cluster.
    """

    runner: Literal["embedded", "ray"] = "embedded"
    weights: Path | None = None
    backend: str = "onnxruntime"
    address: str | None = None
    shards: tuple[int, int] = (1, 1)
    shard_port: int = 0
    engine_gpus: float = 0.0
    log: Literal["text", "json"] = "text"


def parse_shards(text: str) -> tuple[int, int]:
    """A number of shards, `4`, or the least and the most, `1:4`.

    Raises:
        ConfigError: it is neither.
    """
    found = re.fullmatch(r"(\d{1,4})(?::(\d{1,4}))?", text)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most:
        raise ConfigError(f"--shards is {text!r}; give a number such as 2, or least:most as 1:4")
    return least, most


def parse_a2f(text: str, host: str) -> tuple[str, int]:
    """Where to serve Audio2Face-3D's API: `52000`, or with a host other than the server's.

    Raises:
        ConfigError: it is neither.
    """
    given, _, port = text.rpartition(":")
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ConfigError(f"--a2f is {text!r}; give a port such as 52000, or HOST:PORT")
    return given.strip("[]") or host, int(port)


def serve(options: ServeOptions, runner: RunnerOptions, *, is_insecure: bool) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        ConfigError: others on the network could come in without a secret, or no such backend, or
            Audio2Face-3D's API or outputs of shards.
        MissingExtraError: packages of the backend or of that API are not installed.
        OutputError: an address cannot be had.
        WeightsError: the weights cannot be used.
    """
    check_safety(options, is_insecure=is_insecure)
    if options.a2f is not None:
        require("grpc", "nvidia_audio2face_3d", extra="a2f")
        if runner.runner != "embedded":
            raise ConfigError("--a2f needs --runner embedded; its clients cannot be sent to shards")
    if options.outputs and runner.runner != "embedded":
        raise ConfigError("--ports needs --runner embedded; shards cannot share ports")
    run = _serve_embedded if runner.runner == "embedded" else _serve_cluster
    asyncio.run(run(options, runner))


def check_safety(options: ServeOptions, *, is_insecure: bool) -> None:
    """Refuse to listen beyond this machine without a secret.

    ZeroMQ is safe with CURVE keys or a token, WebSocket and gRPC with a token.

    Raises:
        ConfigError: it would not be safe.
    """
    if is_insecure:
        return
    if options.a2f and not options.token and not _is_loopback(options.a2f[0]):
        raise ConfigError(
            f"--a2f at {options.a2f[0]} is reachable from the network; give --token, or "
            "--insecure to let anyone in"
        )
    if _is_loopback(options.host):
        return
    is_open = not options.token and (options.keys is None or options.websocket_port is not None)
    if is_open:
        raise ConfigError(
            f"{options.host} is reachable from the network; give --token, or --keys with "
            "--websocket-port -1, or --insecure to let anyone in"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _serve_embedded(options: ServeOptions, runner: RunnerOptions) -> None:
    # Slow to import: other bad input is found before it.
    from umo_runtime.engine.open_engine import open_engine

    sys.setswitchinterval(SWITCH_S)
    engine = open_engine(runner.weights, 2 * options.max_streams, runner.backend, _report)
    clock = MonotonicClock()
    await run_server(
        f"umo {version('umo-runtime')}",
        embedded_graph(engine, None if options.metrics_port is None else clock),
        engine.text.encode,
        options,
        clock,
        _tell_urls,
        _stopped_by_signals(),
    )


async def _serve_cluster(options: ServeOptions, runner: RunnerOptions) -> None:
    from actors.cluster.cluster_serving import serve_cluster
    from actors.cluster.director import FleetPlan
    from actors.cluster.event_log import write_events

    plan = FleetPlan(
        options,
        *runner.shards,
        runner.weights,
        runner.backend,
        runner.shard_port,
        runner.engine_gpus,
    )
    await serve_cluster(
        plan,
        runner.address,
        MonotonicClock(),
        _tell_urls,
        partial(write_events, log_format=runner.log),
        _stopped_by_signals,
    )


def _tell_urls(urls: list[str]) -> None:
    print("umo serve:", *urls, flush=True)


def _stopped_by_signals() -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set."""
    until, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, until.set)
    return until


def _report(what: str) -> None:
    print(f"umo serve: {what}", file=sys.stderr, flush=True)
