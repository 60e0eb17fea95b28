"""`umo serve`: the server, its endpoints and a graph, which may run in this process or in another.

One thread runs the loop: sockets, clients, characters. Frames come back to the loop in batches.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from actors.measured_networks import measured
from actors.metrics import Metrics, serve_metrics
from actors.networks import SpeechNetworks
from actors.server import Server
from actors.session import Encode
from actors.speech_service import SpeechService
from actors.stream_outputs import StreamOutputs
from engine_bridge.endpoint import Endpoint, resolve
from engine_bridge.websocket_endpoint import WebSocketEndpoint
from engine_bridge.zmq_endpoint import ZmqEndpoint
from umo_runtime.clock import Clock
from umo_runtime.types import FRAME_RATE_HZ, AudioChunk, MotionFrame

SWITCH_S = 0.0005  # Python's 5 ms keep a process's threads waiting for a busy loop


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: to listen at.
        port: of ZeroMQ; 0 takes a free one.
        websocket_port: of WebSocket; 0 takes a free one, None opens none.
        max_streams: characters of all clients together.
        token: what clients must know; empty: nothing.
        keys: folder of CURVE keys; None: ZeroMQ is not encrypted.
        origins: of web pages that may come without a token, besides those of this machine.
        metrics_port: of Prometheus's metrics; 0 takes a free one, None serves none.
        a2f: host and port of Audio2Face-3D's API; port 0 takes a free one, None serves none.
        outputs: addresses that characters are sent to besides their clients, by name of the stream.
    """

    host: str
    port: int
    websocket_port: int | None
    max_streams: int
    token: str = ""
    keys: Path | None = None
    origins: tuple[str, ...] = ()
    metrics_port: int | None = None
    a2f: tuple[str, int] | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)


class Graph(Protocol):
    """Takes chunks; frames come back another way."""

    def push(self, chunk: AudioChunk) -> None:
        """Take a chunk; a stream begins with its first one and ends with its last one."""
        ...

    def check(self) -> None:
        """Notice that it has failed; called 30 times a second.

        Raises:
            Exception: what made it fail for good.
        """
        ...


@dataclass(frozen=True, slots=True)
class GraphSide:
    """What a graph needs of its server; to be called in the loop's thread.

    Attributes:
        show: gets the frames.
        resume: makes all streams go on in a graph that knows none of them; returns how many chunks
            were fed again.
        is_owed: whether any character waits for a frame that the graph could have made.
        seeds: by stream, to be read when one begins.
        metrics: to tell what happens.
    """

    show: Callable[[list[MotionFrame]], None]
    resume: Callable[[], int]
    is_owed: Callable[[], bool]
    seeds: Mapping[str, int]
    metrics: Metrics


OpenGraph = Callable[[GraphSide], AbstractContextManager[Graph]]


def embedded_graph(networks: SpeechNetworks, clock: Clock | None = None) -> OpenGraph:
    """The graph in threads of this process, one a stage.

    Args:
        networks: hold twice as many streams as the server has characters.
        clock: to measure the networks' steps with; None: they are not measured.
    """

    def open_graph(side: GraphSide) -> AbstractContextManager[Graph]:
        stepped = networks if clock is None else measured(networks, side.metrics, clock)
        loop = asyncio.get_running_loop()

        def deliver(frames: list[MotionFrame]) -> None:
            loop.call_soon_threadsafe(side.show, frames)

        return SpeechService(stepped, deliver, side.seeds)

    return open_graph


async def run_server(
    name: str,
    open_graph: OpenGraph,
    encode_word: Encode,
    options: ServeOptions,
    clock: Clock,
    ready: Callable[[list[str]], None],
    until: asyncio.Event,
    metrics: Metrics | None = None,
) -> None:
    """Serve until told to stop.

    Args:
        name: of the server.
        open_graph: opens the graph.
        encode_word: text tokens of a word.
        options: where and for whom.
        clock: of everything.
        ready: called with the URLs once clients can come.
        until: set it to stop.
        metrics: to tell what happens.

    Raises:
        OutputError: an address cannot be had, or an output's is wrong.
    """
    loop = asyncio.get_running_loop()
    seeds: dict[str, int] = {}
    metrics = metrics or Metrics()
    is_pumping = False

    def pump() -> None:
        nonlocal is_pumping
        is_pumping = False
        server.pump(clock.now_s())

    def pump_soon() -> None:
        nonlocal is_pumping
        if not is_pumping:
            is_pumping = True
            loop.call_later(server.patience_s, pump)

    def show(frames: list[MotionFrame]) -> None:
        server.show(frames, clock.now_s())
        zeromq.flush()
        pump_soon()

    def receive(client: Hashable, data: bytes) -> None:
        server.receive(client, data, clock.now_s())
        pump_soon()

    def leave(client: Hashable) -> None:
        server.forget(client, clock.now_s())

    def send(client: Hashable, data: bytes) -> None:
        endpoints[type(client)].send(client, data)

    host = resolve(options.host)
    async with AsyncExitStack() as stack:
        side = GraphSide(
            show, lambda: server.resume(clock.now_s()), lambda: server.is_owed, seeds, metrics
        )
        graph = stack.enter_context(open_graph(side))
        outputs = StreamOutputs(options.outputs, clock)
        stack.callback(outputs.close)
        server = Server(
            name,
            options.max_streams,
            options.token,
            encode_word,
            send,
            graph.push,
            seeds,
            metrics,
            outputs,
        )
        zeromq = ZmqEndpoint(host, options.port, receive, options.keys)
        stack.push_async_callback(zeromq.close)
        websocket = WebSocketEndpoint(receive, leave, None if options.token else options.origins)
        stack.push_async_callback(websocket.close)
        endpoints: dict[type[Hashable], Endpoint] = {bytes: zeromq, UUID: websocket}
        if options.websocket_port is not None:
            await websocket.listen(host, options.websocket_port)
        if options.a2f is not None:
            from engine_bridge.a2f.endpoint import A2fEndpoint

            a2f = endpoints[str] = A2fEndpoint(receive, leave)
            stack.push_async_callback(a2f.close)
            await a2f.listen(resolve(options.a2f[0]), options.a2f[1])
        urls = [endpoint.url for endpoint in endpoints.values() if endpoint.url]
        if options.metrics_port is not None:
            url, stop = serve_metrics(metrics.registry, host, options.metrics_port)
            stack.callback(stop)
            urls.append(url)
        ready(urls)
        await _tick(server, graph, zeromq, clock, until)


async def _tick(
    server: Server,
    graph: Graph,
    zeromq: ZmqEndpoint,
    clock: Clock,
    until: asyncio.Event,
) -> None:
    """Let time pass in the server, by absolute deadlines."""
    deadline_s = clock.now_s()
    while not until.is_set():
        graph.check()
        server.tick(clock.now_s())
        server.pump(clock.now_s())
        zeromq.flush()
        deadline_s = max(deadline_s + 1 / FRAME_RATE_HZ, clock.now_s())
        try:
            await asyncio.wait_for(until.wait(), deadline_s - clock.now_s())
        except TimeoutError:
            continue
