from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from actors.cluster.director import Director, FleetPlan
from actors.cluster.engine_host import EngineReport
from actors.cluster.fleet import ShardState
from actors.cluster.gateway_host import GatewayReport
from actors.serving import ServeOptions
from tests.actors.cluster.fake_ray import FakeRay

OPTIONS = ServeOptions("127.0.0.1", 7601, 7602, max_streams=4, metrics_port=9464)
processes = count(100)


class Gateway:
    """A gateway whose load tests set."""

    node = "node-a"

    def __init__(self, shard: str, meeting: str, options: ServeOptions, weights: None) -> None:
        assert meeting == f"x/{shard}"
        self.options, self.process = options, next(processes)
        self.state = ShardState(shard, self.node, (f"tcp://{shard}",), 0, 0, 4)
        self.events: tuple[Any, ...] = ({"time": "", "event": "gateway ready"},)

    def report(self) -> GatewayReport:
        events, self.events = self.events, ()
        return GatewayReport(self.state, self.process, events)

    def close_when_empty(self) -> None:
        self.state = replace(self.state, is_closing=True)

    def metrics(self) -> str:
        return "of the gateway"


class Engine:
    """An engine."""

    def __init__(self, gateways: tuple[str, ...], options: Any) -> None:
        self.gateways, self.options, self.process = gateways, options, next(processes)
        self.serves, self.fault = gateways[0] if gateways else None, ""

    def stand_by(self, gateways: tuple[str, ...]) -> None:
        self.gateways = gateways

    def report(self) -> EngineReport:
        return EngineReport(self.process, "node-a", self.serves, "of the engine", self.fault)


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        self.ray = FakeRay()
        self.ray.install(monkeypatch)
        module = "actors.cluster.director"
        monkeypatch.setattr(f"{module}.GatewayHost", Gateway)
        monkeypatch.setattr(f"{module}.EngineHost", Engine)
        monkeypatch.setattr(f"{module}.LOOK_EVERY_S", 1000.0)
        monkeypatch.setattr(f"{module}.time.monotonic", lambda: self.now_s)
        self.directors: list[Director] = []

    def begin(self, least: int = 2, most: int = 3, **other: Any) -> Director:
        director = Director(FleetPlan(OPTIONS, least, most, session="x", **other))
        self.directors.append(director)
        return director

    def look(self, director: Director, times: int = 2) -> list[str]:
        """Let it look around; returns what it told."""
        for _ in range(times):
            director._look()
        return [str(event["event"]) for event in director.report().events]

    def gateway(self, shard: str) -> Any:
        return self.ray.named[f"gateway/{shard}"].instance


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(monkeypatch)
    yield world
    for director in world.directors:
        director._is_over.set()


ALL = {f"{kind}/shard-{n}" for kind in ("gateway", "engine") for n in (0, 1)} | {"standby/node-a"}


def test_shards_are_begun_with_a_standby_on_their_node(world: World) -> None:
    director = world.begin(first_port=7700)
    told = world.look(director, 3)
    assert set(world.ray.named) == ALL
    assert set(world.ray.groups) == {"shard-0", "shard-1"}
    assert world.ray.groups["shard-0"]["strategy"] == "STRICT_PACK"
    assert told.count("shard begun") == 2 and told.count("standby placed") == 1
    assert told.count("gateway ready") == 2
    assert {state.name for state in director.report().shards} == {"shard-0", "shard-1"}
    assert (world.gateway("shard-1").options.port, OPTIONS.port) == (7702, 7601)
    for name in ("engine/shard-0", "standby/node-a"):
        engine = world.ray.named[name].instance
        assert engine.gateways == ("x/shard-0", "x/shard-1")
        assert engine.options.capacity == 8 and engine.options.is_measured


def test_an_engine_stays_with_its_own_shard_until_that_has_another(world: World) -> None:
    director = world.begin()
    director._look()
    gateway = world.gateway("shard-1")
    gateway.state = replace(gateway.state, engines=0)
    world.look(director, 3)
    assert world.ray.named["engine/shard-1"].instance.gateways == ("x/shard-0", "x/shard-1")
    assert world.ray.named["standby/node-a"].instance.gateways == ("x/shard-0",)


def test_one_that_is_begun_anew_finds_its_shards(world: World) -> None:
    world.look(world.begin(), 3)
    before = {name: actor.instance for name, actor in world.ray.named.items()}
    world.ray.is_again = True
    again = world.begin()
    assert "shard begun" not in world.look(again, 3)
    assert {name: actor.instance for name, actor in world.ray.named.items()} == before
    assert len(again.report().shards) == 2


def test_what_an_earlier_command_left_is_ended(world: World) -> None:
    world.look(world.begin(), 3)
    world.begin()
    assert world.ray.named == {} and world.ray.groups == {}


def test_a_gateway_that_is_gone_gets_nobody_until_it_is_back(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    actor = world.ray.named["gateway/shard-0"]
    actor.state = "restarting"
    assert world.look(director) == ["gateway lost"]
    (lost,) = (state for state in director.report().shards if state.name == "shard-0")
    assert not lost.is_open
    actor.restart()
    assert world.look(director) == ["gateway restarted", "gateway ready"]
    assert all(state.is_open for state in director.report().shards)


def test_one_that_does_not_answer_is_ended(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    world.ray.named["gateway/shard-0"].state = "stopped"
    assert world.look(director) == []
    world.now_s += 6.0
    assert "gateway stalled" in world.look(director, 1)
    assert world.ray.killed == ["gateway/shard-0"]


def test_a_shard_that_is_dead_for_good_is_begun_anew(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    world.ray.named["gateway/shard-0"].state = "dead"
    told = world.look(director)
    assert told[0] == "gateway lost" and "shard begun" in told
    assert set(world.ray.named) == ALL


def test_load_begins_a_shard_and_calm_ends_it_once_it_is_empty(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    set_load(world, {"shard-0": 4, "shard-1": 3})
    assert world.look(director) == ["shard begun", "gateway ready"]
    set_load(world, {"shard-0": 2, "shard-1": 1, "shard-2": 1})
    assert world.look(director) == []
    world.now_s += 61.0
    assert world.look(director) == ["shard closing"]
    world.now_s += 100.0
    assert world.look(director) == []  # somebody is there still
    set_load(world, {"shard-1": 0})
    assert world.look(director) == ["shard closed"]
    assert "gateway/shard-1" not in world.ray.named and "shard-1" not in world.ray.groups


def set_load(world: World, loads: dict[str, int]) -> None:
    for shard, characters in loads.items():
        gateway = world.gateway(shard)
        gateway.state = replace(gateway.state, characters=characters)


def test_a_drained_node_gets_nothing_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    director = world.begin(least=1, most=2)
    world.look(director, 3)
    set_load(world, {"shard-0": 1})
    assert director.drain("nobody") == -1
    assert director.drain("node-a") == 1
    monkeypatch.setattr(Gateway, "node", "node-b")
    told = world.look(director, 3)
    assert "shard begun" in told and "standby placed" in told
    selector = world.ray.groups["shard-1"]["bundle_label_selector"]
    assert selector[0] == {"ray.io/node-id": "!in(node-a)"}
    set_load(world, {"shard-0": 0})
    world.look(director)
    world.now_s += 7.0
    world.look(director, 3)
    assert {"gateway/shard-1", "engine/shard-1", "standby/node-b"} == set(world.ray.named)


def test_a_drained_node_is_not_forgotten_with_the_director(world: World) -> None:
    director = world.begin(least=1, most=2)
    world.look(director, 3)
    assert director.drain("node-a") == 1
    world.ray.is_again = True
    again = world.begin(least=1, most=2)
    assert "shard begun" in world.look(again, 3)  # in place of the one that is closing
    selector = world.ray.groups["shard-1"]["bundle_label_selector"]
    assert selector[0] == {"ray.io/node-id": "!in(node-a)"}
    world.ray.is_again = False
    world.look(world.begin(least=1, most=2), 3)  # another cluster service
    assert world.ray.groups["shard-0"]["bundle_label_selector"] is None


def test_an_engine_that_cannot_be_begun_is_told(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    world.ray.named["engine/shard-0"].instance.fault = "no weights"
    for _ in range(2):
        director._look()
    events = [event for event in director.report().events if event["event"] == "failed"]
    assert [event["reason"] for event in events] == ["no weights"]


def test_metrics_of_a_shard_are_those_of_its_processes(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    assert director.metrics() == {
        shard: ["of the gateway", "of the engine"] for shard in ("shard-0", "shard-1")
    }


def test_it_leaves_nothing(world: World) -> None:
    director = world.begin()
    world.look(director, 3)
    ended: Callable[[], None] = director.close
    director._thread = type("Done", (), {"join": lambda self: None})()
    ended()
    assert world.ray.named == {} and world.ray.groups == {}
