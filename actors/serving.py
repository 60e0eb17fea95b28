"""`umo serve`: the server, its endpoints and the graph in one process.

One thread runs the loop: sockets, clients, characters. The graph has a thread a stage. Frames come
back to the loop in batches.
"""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from actors.measured_networks import MeasuredNetworks
from actors.metrics import Metrics, serve_metrics
from actors.networks import Networks
from actors.server import Server
from actors.session import Encode
from actors.speech_service import SpeechService
from engine_bridge.endpoint import resolve
from engine_bridge.websocket_endpoint import WebSocketEndpoint
from engine_bridge.zmq_endpoint import ZmqEndpoint
from umo_runtime.clock import Clock
from umo_runtime.types import FRAME_RATE_HZ, MotionFrame


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
    """

    host: str
    port: int
    websocket_port: int | None
    max_streams: int
    token: str = ""
    keys: Path | None = None
    origins: tuple[str, ...] = ()
    metrics_port: int | None = None


async def run_server(
    name: str,
    networks: Networks,
    encode_word: Encode,
    options: ServeOptions,
    clock: Clock,
    ready: Callable[[list[str]], None],
    until: asyncio.Event,
) -> None:
    """Serve until told to stop.

    Args:
        name: of the server.
        networks: hold twice `max_streams` streams.
        encode_word: text tokens of a word.
        options: where and for whom.
        clock: of everything.
        ready: called with the URLs once clients can come.
        until: set it to stop.

    Raises:
        OutputError: an address cannot be had.
    """
    loop = asyncio.get_running_loop()
    seeds: dict[str, int] = {}

    def deliver(frames: list[MotionFrame]) -> None:
        loop.call_soon_threadsafe(show, frames)

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
        (zeromq if isinstance(client, bytes) else websocket).send(client, data)

    host = resolve(options.host)
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        if options.metrics_port is not None:
            networks = MeasuredNetworks(networks, metrics, clock)
        service = stack.enter_context(SpeechService(networks, deliver, seeds))
        server = Server(
            name,
            options.max_streams,
            options.token,
            encode_word,
            send,
            service.push,
            seeds,
            metrics,
        )
        zeromq = ZmqEndpoint(host, options.port, receive, options.keys)
        stack.push_async_callback(zeromq.close)
        websocket = WebSocketEndpoint(receive, leave, None if options.token else options.origins)
        stack.push_async_callback(websocket.close)
        if options.websocket_port is not None:
            await websocket.listen(host, options.websocket_port)
        urls = [url for url in (zeromq.url, websocket.url) if url]
        if options.metrics_port is not None:
            url, stop = serve_metrics(metrics, host, options.metrics_port)
            stack.callback(stop)
            urls.append(url)
        ready(urls)
        await _tick(server, service, zeromq, clock, until)


async def _tick(
    server: Server,
    service: SpeechService,
    zeromq: ZmqEndpoint,
    clock: Clock,
    until: asyncio.Event,
) -> None:
    """Let time pass in the server, by absolute deadlines."""
    deadline_s = clock.now_s()
    while not until.is_set():
        service.check()
        server.tick(clock.now_s())
        server.pump(clock.now_s())
        zeromq.flush()
        deadline_s = max(deadline_s + 1 / FRAME_RATE_HZ, clock.now_s())
        try:
            await asyncio.wait_for(until.wait(), deadline_s - clock.now_s())
        except TimeoutError:
            continue
