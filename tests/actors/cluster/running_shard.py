"""Gateways in this process, engines in processes of their own, no Ray."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any

from actors.cluster.engine_process import EngineProcess
from actors.cluster.remote_service import RemoteService
from actors.networks import Networks
from actors.serving import GraphSide, ServeOptions, run_server
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import encode as encode_word
from tests.eventually import PATIENCE_S, eventually
from umo_runtime.clock import MonotonicClock

OPTIONS = ServeOptions("127.0.0.1", 0, 0, max_streams=8)


def bundled() -> Networks:
    from umo_runtime.engine import Engine

    return Engine(None, capacity=2 * OPTIONS.max_streams)


def _run(networks: Callable[[], Networks], gateways: Sequence[str]) -> None:
    EngineProcess(networks(), gateways, MonotonicClock()).run(threading.Event())


@contextmanager
def engine(
    *gateways: str, networks: Callable[[], Networks] = FakeNetworks
) -> Iterator[BaseProcess]:
    process = get_context("spawn").Process(target=_run, args=(networks, gateways), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def kill(process_id: int | None, number: int = signal.SIGKILL) -> float:
    """Send a signal; returns when."""
    assert process_id is not None
    os.kill(process_id, number)
    return time.monotonic()


@dataclass
class Shard:
    """A gateway.

    Attributes:
        urls: of its endpoints.
        service: its link to engines.
        told: events.
    """

    urls: list[str] = field(default_factory=list)
    service: RemoteService | None = None
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def events(self) -> list[str]:
        return [event for event, _ in self.told]

    async def has_engines(self, count: int) -> None:
        assert self.service is not None
        async with asyncio.timeout(20):
            while self.service.num_engines < count:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def shard(name: str, options: ServeOptions = OPTIONS) -> AsyncIterator[Shard]:
    running, until = Shard(), asyncio.Event()
    ready = asyncio.Event()

    def open_graph(side: GraphSide) -> Any:
        running.service = RemoteService(
            name,
            options.max_streams,
            side.show,
            side.resume,
            side.is_owed,
            side.seeds,
            lambda event, **facts: running.told.append((event, facts)),
        )
        return running.service

    def be_ready(urls: list[str]) -> None:
        running.urls = urls
        ready.set()

    server = asyncio.create_task(
        run_server(name, open_graph, encode_word, options, MonotonicClock(), be_ready, until)
    )
    await asyncio.wait_for(ready.wait(), PATIENCE_S)
    try:
        yield running
    finally:
        until.set()
        await asyncio.wait_for(server, PATIENCE_S)


async def settled(running: Shard) -> None:
    """Until every chunk has been taken or lost."""
    service = running.service
    assert service is not None
    await eventually(lambda: service.chunks().waiting == 0)
    chunks = service.chunks()
    assert chunks.pushed == chunks.taken + chunks.lost + chunks.unfed
