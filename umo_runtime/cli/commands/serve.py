"""`umo serve`: many characters for games, voice agents and browsers."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def command(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="ZeroMQ; 0 takes a free one.", min=0, max=65535)] = 7601,
    websocket_port: Annotated[
        int, typer.Option(help="WebSocket; 0 takes a free one, -1 opens none.", min=-1, max=65535)
    ] = 7602,
    streams: Annotated[
        int,
        typer.Option(help="Characters at most, of all clients of a shard.", min=1, max=4096),
    ] = 64,
    token: Annotated[
        str, typer.Option(envvar="UMO_TOKEN", help="A secret that clients must tell.")
    ] = "",
    keys: Annotated[
        Path | None,
        typer.Option(help="Folder of CURVE keys (umo keys): encrypts ZeroMQ, knows its clients."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Let web pages of this origin in, besides those of this machine; may be repeated. "
            "With a token, pages of any origin may tell it.",
        ),
    ] = None,
    a2f: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:]PORT",
            help="Audio2Face-3D's gRPC API for its clients, which get faces and bodies; NVIDIA's "
            "port is 52000, 0 takes a free one. A token is told as `authorization: Bearer TOKEN`.",
        ),
    ] = None,
    ports: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also send the streams that a plan of `umo ports --out FILE` names to avatar "
            "programs; of clients with the same names the first is shown.",
        ),
    ] = None,
    metrics_port: Annotated[
        int,
        typer.Option(
            help="Metrics for Prometheus and `umo top`; 0 takes a free one, -1 serves none.",
            min=-1,
            max=65535,
        ),
    ] = -1,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let anyone on the network in without a secret.")
    ] = False,
    backend: Annotated[
        str,
        typer.Option(
            help="What runs the networks: onnxruntime on the processor; tensorrt or torch on a "
            "GPU. Where tensorrt cannot run, torch stands in; for torch, onnxruntime."
        ),
    ] = "onnxruntime",
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
    runner: Annotated[
        Literal["embedded", "ray"],
        typer.Option(help="One process, or shards of processes that Ray places and restarts."),
    ] = "embedded",
    address: Annotated[
        str | None,
        typer.Option(help="ray: a cluster to join; by default Ray is started on this machine."),
    ] = None,
    shards: Annotated[
        str, typer.Option(metavar="N[:N]", help="ray: how many, or the least and the most.")
    ] = "1",
    shard_port: Annotated[
        int,
        typer.Option(
            help="ray: the first of two ports that each shard takes; 0: any.", min=0, max=65535
        ),
    ] = 0,
    engine_gpus: Annotated[
        float, typer.Option(help="ray: what an engine takes of a node's GPUs, such as 0.5.", min=0)
    ] = 0.0,
    log: Annotated[
        Literal["text", "json"],
        typer.Option(help="ray: how events are written to stderr, one a line."),
    ] = "text",
) -> None:
    """Serve characters: audio, text and directions in, frames out (docs/wire_protocol.md).

    For games and agents on this machine:

        umo serve

    For others on the network, who must know a secret:

        UMO_TOKEN=... umo serve --host 0.0.0.0 --keys keys

    Characters of a game or voice agent in VSeeFace, Warudo or VRM4U, each on a port of its own:

        umo ports ada bob --out ports.json && umo serve --ports ports.json

    In several processes, with others that stand by; clients are sent on from the same address:

        umo serve --runner ray --shards 1:4

    Prints one line with its addresses when clients can come; Ctrl-C ends it.
    """
    from actors.serving import ServeOptions
    from engine_bridge.web_origin import parse_origin
    from umo_runtime.cli.port_table import read_plan
    from umo_runtime.cli.serve_job import RunnerOptions, parse_a2f, parse_shards, serve

    serve(
        ServeOptions(
            host,
            port,
            None if websocket_port < 0 else websocket_port,
            streams,
            token,
            keys,
            tuple(map(parse_origin, allow_origin or ())),
            None if metrics_port < 0 else metrics_port,
            None if a2f is None else parse_a2f(a2f, host),
            {} if ports is None else read_plan(ports),
        ),
        RunnerOptions(
            runner,
            weights,
            backend,
            address,
            parse_shards(shards),
            shard_port,
            engine_gpus,
            log,
        ),
        is_insecure=insecure,
    )
