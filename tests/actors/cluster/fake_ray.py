"""As much of Ray as the director uses, in this process: actors are objects that tests can lose."""

import asyncio
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class RayError(Exception):
    pass


class ActorUnavailableError(RayError):
    pass


class ActorDiedError(RayError):
    pass


@dataclass(eq=False)
class Ref:
    """What a call will have returned."""

    value: Callable[[], Any]
    is_ready: bool = True

    def __await__(self) -> Generator[None, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.value()


@dataclass(eq=False)
class Actor:
    """A handle, and what it stands for.

    Attributes:
        state: "alive", "restarting", "stopped" (does not answer) or "dead".
    """

    make: Callable[[], Any]
    options: dict[str, Any]
    state: str = "alive"
    instance: Any = None

    def __post_init__(self) -> None:
        self.instance = self.make()

    def restart(self) -> None:
        self.instance, self.state = self.make(), "alive"

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *given: self._call(name, given))

    def _call(self, name: str, given: tuple[Any, ...]) -> Ref:
        if self.state == "dead":
            return Ref(_raise(ActorDiedError()))
        if self.state == "restarting":
            return Ref(_raise(ActorUnavailableError()))
        if self.state == "stopped":
            return Ref(lambda: None, is_ready=False)
        result = getattr(self.instance, name)(*given)
        return Ref(lambda: result)


def _raise(error: Exception) -> Callable[[], Any]:
    def get() -> Any:
        raise error

    return get


@dataclass
class FakeRay:
    """The module, and what tests look at.

    Attributes:
        named: living actors by name.
        nodes_alive: ids.
        groups: placement groups by name, with what they were begun with.
        is_again: whether the director is told that it is begun anew.
        kept: what is in its store, by namespace and key.
    """

    named: dict[str, Actor] = field(default_factory=dict)
    nodes_alive: list[str] = field(default_factory=lambda: ["node-a", "node-b"])
    groups: dict[str, Any] = field(default_factory=dict)
    is_again: bool = False
    kept: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)
    begun: list[Any] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ray = self._module("ray")
        ray.remote, ray.get, ray.wait = self._remote, lambda ref, timeout=0: ref.value(), _wait
        ray.kill, ray.nodes, ray.get_actor = self._kill, self._nodes, self.named.__getitem__
        ray.exceptions = SimpleNamespace(RayError=RayError, ActorDiedError=ActorDiedError)
        ray.init, ray.shutdown = self.begun.append, lambda: self.begun.clear()
        ray.get_runtime_context = lambda: SimpleNamespace(
            was_current_actor_reconstructed=self.is_again
        )
        util = self._module("ray.util")
        util.list_named_actors = lambda: ["director", *self.named]
        util.get_placement_group, util.remove_placement_group = self._group, self._remove
        groups = self._module("ray.util.placement_group")
        groups.placement_group = self._begin_group
        places = self._module("ray.util.scheduling_strategies")
        places.NodeAffinitySchedulingStrategy = lambda node, soft: node
        places.PlacementGroupSchedulingStrategy = lambda group, index: (group, index)
        store = self._module("ray.experimental.internal_kv")
        store._internal_kv_get = lambda key, namespace: self.kept.get((namespace, key))
        store._internal_kv_put = lambda key, value, namespace: self.kept.update(
            {(namespace, key): value}
        )
        store._internal_kv_del = lambda key, namespace: self.kept.pop((namespace, key), None)
        for module in (ray, util, groups, places, store):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def _module(self, name: str) -> Any:
        return ModuleType(name)

    def _remote(self, actor: type[Any]) -> Any:
        def options(**given: Any) -> Any:
            def begin(*args: Any) -> Actor:
                made = Actor(lambda: actor(*args), given)
                self.named[given["name"]] = made
                return made

            return SimpleNamespace(remote=begin)

        return SimpleNamespace(options=options)

    def _nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": node, "Alive": True} for node in self.nodes_alive]

    def _kill(self, actor: Actor, no_restart: bool = True) -> None:
        name = str(actor.options["name"])
        self.killed.append(name)
        if no_restart:
            actor.state = "dead"
            self.named.pop(name, None)
        else:
            actor.restart()

    def _begin_group(self, bundles: Any, **given: Any) -> str:
        self.groups[given["name"]] = given
        return str(given["name"])

    def _group(self, name: str) -> str:
        if name not in self.groups:
            raise ValueError(f"no group {name}")
        return name

    def _remove(self, name: str) -> None:
        del self.groups[name]


def _wait(refs: Sequence[Ref], num_returns: int, timeout: float) -> tuple[list[Ref], list[Ref]]:
    assert num_returns == len(refs) > 0
    return [ref for ref in refs if ref.is_ready], [ref for ref in refs if not ref.is_ready]
