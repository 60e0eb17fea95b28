"""`umo serve --runner ray` as users start it, its events, and clients that speak to it.

Ray listens on the machine's network addresses whatever it is told, so all of this runs only where
there is no network but the loopback (`unshare --net`), or where UMO_RAY_TESTS says that it may.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from tests.actors.running_server import Peer, connected
from umo_runtime.types import FRAME_RATE_HZ

START = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
_START_S = 60.0


def is_alone() -> bool:
    """Whether nothing that listens here can be reached from elsewhere."""
    alone = {name for _, name in socket.if_nameindex()} <= {"lo"}
    return alone or bool(os.environ.get("UMO_RAY_TESTS"))


def marks() -> list[pytest.MarkDecorator]:
    """Of tests that start Ray."""
    reason = "needs Ray, and no network but the loopback: unshare --net, or UMO_RAY_TESTS=1"
    return [
        pytest.mark.ray,
        pytest.mark.slow,
        pytest.mark.skipif(find_spec("ray") is None or not is_alone(), reason=reason),
    ]


class Served:
    """A command that serves.

    Attributes:
        urls: of its endpoints.
        events: that it has told, in order, with the time at which they came.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.urls: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.other: list[str] = []
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._read, self._read_urls)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            try:
                self.events.append({**json.loads(line), "at_s": time.monotonic()})
            except ValueError:
                self.other.append(line)

    def _read_urls(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("umo serve:"):
                self.urls = line.split()[2:]

    def told(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """Events of a name that have these facts."""
        return [
            each
            for each in list(self.events)
            if each["event"] == event and facts.items() <= each.items()
        ]

    def wait_for(self, event: str, count: int = 1, within_s: float = 20.0, **facts: Any) -> Any:
        """The newest event of a name once there are so many."""
        until_s = time.monotonic() + within_s
        while len(found := self.told(event, **facts)) < count:
            assert self.process.poll() is None, self.other
            assert time.monotonic() < until_s, (event, facts, self.events, self.other)
            time.sleep(0.02)
        return found[-1]

    def engine_of(self, shard: str) -> int:
        """The process that serves a shard."""
        order = [
            each
            for each in self.events
            if each.get("shard") == shard and each["event"] in ("engine ready", "engine took over")
        ]
        took = [each for each in order if each["event"] == "engine took over"]
        return int((took or order[:1])[-1]["engine"])


@contextmanager
def served(*options: str) -> Iterator[Served]:
    command = ("serve", "--runner", "ray", "--port", "0", "--websocket-port", "0", "--log", "json")
    with subprocess.Popen(
        (sys.executable, "-c", START, *command, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        running = Served(process)
        try:
            until_s = time.monotonic() + _START_S
            while not running.urls:
                assert process.poll() is None and time.monotonic() < until_s, (
                    running.events,
                    running.other,
                )
                time.sleep(0.05)
            yield running
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@asynccontextmanager
async def placed(url: str) -> AsyncIterator[tuple[Peer, str]]:
    """A client at the shard that the front door gives it, and the shard's address."""
    from engine_bridge.wire_messages import Hello, Moved

    async with connected(url) as visitor:
        moved = await visitor.ask(Hello("test"), Moved)
    async with connected(moved.url) as peer:
        yield peer, moved.url


def shard_at(running: Served, url: str) -> str:
    """The name of the shard at an address."""
    return next(str(each["shard"]) for each in running.told("gateway ready") if url in each["urls"])


def run(test: Any) -> None:
    asyncio.run(test)


def check_speech(frames: list[Any], until_s: float) -> None:
    """Time goes on to the end; frames are left out only under overload, while processes begin."""
    spoken = [frame for frame in frames if frame.segment == 1]
    assert spoken[-1].pts_s > until_s, (spoken[-1].pts_s, len(spoken))
    numbers = np.diff([frame.index for frame in spoken])
    steps = np.diff([frame.pts_s for frame in spoken]) * FRAME_RATE_HZ
    np.testing.assert_allclose(steps, numbers, atol=6e-3)  # part of a sample at a seam
    assert 1 <= numbers.min() <= numbers.max() <= 4  # four where each third follows each second
