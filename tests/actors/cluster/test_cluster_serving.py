"""The command's own process: a front door before a real server, with a director that is none."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.request import urlopen

import pytest

from actors.cluster.cluster_serving import drain, join, serve_cluster
from actors.cluster.director import FleetPlan, FleetReport
from actors.cluster.event_log import new_event
from actors.cluster.fleet import ShardState
from actors.serving import ServeOptions
from engine_bridge.async_client import AsyncClient
from tests.actors.cluster.fake_ray import Actor, FakeRay
from tests.actors.running_server import LOOPBACK, serving
from tests.eventually import PATIENCE_S, eventually
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import ConfigError, ServiceError

OPTIONS = ServeOptions("127.0.0.1", 0, 0, max_streams=4, metrics_port=0)


@dataclass
class Director:
    """Says what tests want it to."""

    shards: tuple[ShardState, ...] = ()
    events: tuple[Any, ...] = ()
    process_id: int = 1
    is_closed: bool = False
    drained: list[str] = field(default_factory=list)

    def report(self) -> FleetReport:
        events, self.events = self.events, ()
        return FleetReport(self.process_id, self.shards, events)

    def metrics(self) -> dict[str, list[str]]:
        return {"shard-0": ["umo_characters 3\n"]}

    def drain(self, node: str) -> int:
        self.drained.append(node)
        return -1 if node == "nobody" else 2

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Running:
    urls: list[str]
    director: Director
    actor: Actor
    logged: list[Any]


@asynccontextmanager
async def door(
    monkeypatch: pytest.MonkeyPatch, director: Director, options: ServeOptions = OPTIONS
) -> AsyncIterator[Running]:
    ray = FakeRay()
    ray.install(monkeypatch)
    actor = Actor(lambda: director, {"name": "director"})
    monkeypatch.setattr("actors.cluster.cluster_serving._begin", lambda plan, address: actor)
    monkeypatch.setattr("actors.cluster.cluster_serving.LOOK_EVERY_S", 0.02)
    ready: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
    until, logged = asyncio.Event(), []
    plan, clock = FleetPlan(options, 1, 1), MonotonicClock()
    serving = serve_cluster(plan, None, clock, ready.set_result, logged.extend, lambda: until)
    task = asyncio.create_task(serving)
    await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE_S)
    try:
        if not task.done():
            yield Running(ready.result(), director, actor, logged)
    finally:
        until.set()
        await asyncio.wait_for(task, PATIENCE_S)
    assert director.is_closed


def at(urls: list[str], **other: Any) -> ShardState:
    return replace(ShardState("shard-0", "node", tuple(urls), 0, 0, 4), **other)


@pytest.mark.parametrize("transport", [0, 1], ids=["zeromq", "websocket"])
def test_clients_are_led_to_a_server_and_speak(
    transport: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with serving(replace(LOOPBACK, token="secret")) as urls:
            options = replace(OPTIONS, token="secret")
            director = Director((at(urls),), (new_event("shard begun", shard="shard-0"),))
            async with door(monkeypatch, director, options) as running:
                async with AsyncClient(running.urls[transport], token="secret") as client:
                    npc = await client.open("npc")
                    assert await npc.receive(5) is not None
                    await npc.close()
                with pytest.raises(ServiceError, match="token is wrong"):
                    async with AsyncClient(running.urls[transport]):
                        pass
                assert [e["event"] for e in running.logged] == ["shard begun", "director ready"]

    asyncio.run(test())


def test_it_waits_for_engines_and_goes_on_without_the_director(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        async with serving() as urls:
            director = Director((at(urls, engines=0),))
            asyncio.get_running_loop().call_later(0.2, setattr, director, "shards", (at(urls),))
            async with door(monkeypatch, director) as running:
                assert director.shards[0].engines
                running.actor.state = "restarting"
                await eventually(lambda: "director lost" in told(running))
                async with AsyncClient(running.urls[0]) as client:
                    await (await client.open("npc")).close()
                running.actor.restart()
                director.process_id, director.shards = 2, ()  # it has not asked anybody yet
                await eventually(lambda: told(running).count("director ready") == 2)
                async with AsyncClient(running.urls[0]):
                    pass

    asyncio.run(test())


def told(running: Running) -> list[str]:
    return [str(event["event"]) for event in running.logged]


def test_metrics_of_all_shards_are_at_one_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with door(monkeypatch, Director((at(["tcp://x"]),))) as running:

            def ask() -> bytes:
                with urlopen(running.urls[2]) as answer:
                    return bytes(answer.read())

            assert b'umo_characters{shard="shard-0"} 3.0' in await asyncio.to_thread(ask)
            running.actor.state = "restarting"
            assert await asyncio.to_thread(ask) == b""
            running.actor.restart()

    asyncio.run(test())


def test_engines_that_cannot_be_begun_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        director = Director(
            (), (new_event("failed", what="engine", of="shard-0", reason="no weights"),)
        )
        async with door(monkeypatch, director):
            raise AssertionError

    with pytest.raises(ServiceError, match="no weights"):
        asyncio.run(test())


def test_shards_that_do_not_come_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.cluster.cluster_serving._START_S", 0.1)

    async def test() -> None:
        async with door(monkeypatch, Director()):
            raise AssertionError

    with pytest.raises(ServiceError, match=r"did not come up in 0\.1 s; each needs 2 CPUs"):
        asyncio.run(test())


def test_a_node_is_drained_by_the_director(monkeypatch: pytest.MonkeyPatch) -> None:
    ray, director = FakeRay(), Director()
    ray.install(monkeypatch)
    monkeypatch.setattr("actors.cluster.cluster_serving.join", lambda address: None)
    ray.named["director"] = Actor(lambda: director, {"name": "director"})
    assert drain("abc", "auto") == 2
    with pytest.raises(ConfigError, match="is none of the cluster's"):
        drain("nobody", "auto")
    assert director.drained == ["abc", "nobody"]


def test_an_address_where_nobody_listens_is_refused_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConfigError, match=f"no Ray cluster at 127.0.0.1:{port}: .*refused"):
        join(f"127.0.0.1:{port}")
