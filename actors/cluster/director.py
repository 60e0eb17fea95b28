"""The director: begins shards, watches them, and has a standby on every node that has any.

It runs as a Ray actor that Ray begins anew when it dies. What it knows it reads from the shards
themselves, which Ray keeps and restarts without it: no frame and no client waits for it. Only which
nodes are to be empty no shard knows: that is kept beside Ray's own state of its actors.
"""

import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from actors.cluster.drained_nodes import DrainedNodes
from actors.cluster.engine_host import EngineHost, EngineOptions, EngineReport
from actors.cluster.event_log import Event, new_event
from actors.cluster.fleet import Scaling, ShardState
from actors.cluster.gateway_host import GatewayHost, GatewayReport, at_own_ports
from actors.serving import ServeOptions

NAMESPACE, DIRECTOR = "umo", "director"
FAILED = "failed"  # the event: something cannot do its work
LOOK_EVERY_S = 1.0
_GATEWAY, _ENGINE, _STANDBY = "gateway", "engine", "standby"
_ANSWER_S = 1.0
_STALLED_S = 5.0  # without an answer, after which a process is ended and begun anew
_CLOSING_S = 6.0  # a client that was sent to a shard may still be on its way
_MOST_EVENTS = 10_000
_QUESTIONS = 4  # that an actor answers at once


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What to run.

    Attributes:
        options: of every shard; ports are of the front door.
        least: shards.
        most: shards.
        weights: folder, the same on every node; None: the bundled ones.
        backend: what runs the networks.
        first_port: two ports a shard from here on; 0: any.
        engine_gpus: of a node, for an engine; standbys take as much.
        session: tells its shards from those of others on the same machines.
    """

    options: ServeOptions
    least: int
    most: int
    weights: Path | None = None
    backend: str = "onnxruntime"
    first_port: int = 0
    engine_gpus: float = 0.0
    session: str = field(default_factory=lambda: uuid4().hex[:12])

    def meeting(self, shard: str) -> str:
        """The name under which engines of a node find a shard's gateway."""
        return f"{self.session}/{shard}"


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The fleet at one moment.

    Attributes:
        process_id: of the director.
        shards: all that could be asked once.
        events: since it was asked before.
    """

    process_id: int
    shards: tuple[ShardState, ...]
    events: tuple[Event, ...]


@dataclass(slots=True)
class _Watched:
    """An actor and what it said last."""

    handle: Any
    question: Any = None
    asked_s: float = 0.0
    report: Any = None
    is_lost: bool = False
    told: tuple[int, tuple[str, ...]] = (0, ())


@dataclass(slots=True)
class _Watch:
    """All actors of one kind, by shard or node."""

    kind: str
    actors: dict[str, _Watched] = field(default_factory=dict)

    def reports(self) -> dict[str, Any]:
        return {key: each.report for key, each in self.actors.items() if each.report is not None}


class Director:
    """See the module; a Ray actor.

    Args:
        plan: what to run.
    """

    def __init__(self, plan: FleetPlan) -> None:
        import ray

        self._plan = plan
        self._scaling = Scaling(plan.least, plan.most)
        self._watches = {kind: _Watch(kind) for kind in (_GATEWAY, _ENGINE, _STANDBY)}
        self._had_engine: set[str] = set()
        self._closing_s: dict[str, float] = {}
        self._drained = DrainedNodes(NAMESPACE)
        self._events: deque[Event] = deque(maxlen=_MOST_EVENTS)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._find()
        if not ray.get_runtime_context().was_current_actor_reconstructed:
            self._end_all()  # left by one that was not ended well
            self._drained.forget()
        self._thread = threading.Thread(target=self._watch, name="umo-director", daemon=True)
        self._thread.start()

    def report(self) -> FleetReport:
        """Shards, and what has happened."""
        with self._lock:
            events = tuple(self._events)
            self._events.clear()
            return FleetReport(os.getpid(), tuple(self._states()), events)

    def metrics(self) -> Mapping[str, Sequence[str]]:
        """What each shard's processes tell Prometheus."""
        import ray

        with self._lock:
            gateways = {name: each.handle for name, each in self._gateways.actors.items()}
            engines = [
                report
                for kind in (_ENGINE, _STANDBY)
                for report in self._watches[kind].reports().values()
            ]
        asked = {handle.metrics.remote(): name for name, handle in gateways.items()}
        done, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_ANSWER_S)
        texts: dict[str, list[str]] = {}
        for answer in done:
            try:
                texts[asked[answer]] = [ray.get(answer)]
            except ray.exceptions.RayError:
                continue
        for engine in engines:
            shard = (engine.serves or "").rpartition("/")[2]
            if shard in texts:
                texts[shard].append(engine.metrics)
        return texts

    def drain(self, node: str) -> int:
        """Begin nothing on a node any more and close its shards once they are empty.

        Args:
            node: id, or the beginning of it.

        Returns:
            How many shards will be closed; -1 if there is no such node.
        """
        import ray

        with self._lock:
            nodes = {each["NodeID"] for each in ray.nodes() if each["NodeID"].startswith(node)}
            if not nodes:
                return -1
            self._drained.add(nodes)
            closing = [state for state in self._states() if state.node in nodes]
            for state in closing:
                self._close(state.name, "drained")
            return len(closing)

    def close(self) -> None:
        """End everything."""
        self._is_over.set()
        self._thread.join()
        self._end_all()

    @property
    def _gateways(self) -> _Watch:
        return self._watches[_GATEWAY]

    def _states(self) -> list[ShardState]:
        return [report.state for report in self._gateways.reports().values()]

    def _tell(self, event: str, **facts: object) -> None:
        self._events.append(new_event(event, **facts))

    def _watch(self) -> None:
        try:
            while not self._is_over.wait(LOOK_EVERY_S):
                self._look()
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # Ray begins it anew

    def _look(self) -> None:
        self._ask()
        with self._lock:
            self._place_standbys()
            self._assign_standbys()
            self._close_empty()
            self._scale()

    def _find(self) -> None:
        """The actors that are there already."""
        import ray
        from ray.util import list_named_actors

        for name in list_named_actors():
            kind, _, key = name.partition("/")
            if kind in self._watches:
                self._watches[kind].actors[key] = _Watched(ray.get_actor(name))

    def _ask(self) -> None:
        """Ask every actor that has answered before, and wait a moment for the answers."""
        import ray

        with self._lock:
            every = [
                (kind, key, each)
                for kind, watch in self._watches.items()
                for key, each in watch.actors.items()
            ]
        if not every:
            return
        now_s = time.monotonic()
        for kind, key, each in every:
            if each.question is None:
                each.question, each.asked_s = each.handle.report.remote(), now_s
            elif each.report and not each.is_lost and now_s - each.asked_s > _STALLED_S:
                self._tell(f"{kind} stalled", of=key, process=each.report.process_id)
                ray.kill(each.handle, no_restart=False)
                each.asked_s = now_s
        questions = [each.question for _, _, each in every]
        done, _ = ray.wait(questions, num_returns=len(questions), timeout=_ANSWER_S)
        answered = set(done)
        for kind, key, each in every:
            if each.question in answered:
                answer, each.question = each.question, None
                with self._lock:
                    self._note(kind, key, each, answer)

    def _note(self, kind: str, key: str, each: _Watched, answer: Any) -> None:
        import ray

        try:
            report: GatewayReport | EngineReport = ray.get(answer)
        except ray.exceptions.RayError as error:
            if not each.is_lost:
                self._tell(f"{kind} lost", of=key, reason=type(error).__name__)
            each.is_lost = True
            if isinstance(error, ray.exceptions.ActorDiedError):  # for good
                self._watches[kind].actors.pop(key, None)
                if kind != _STANDBY:
                    self._end(key)
            elif isinstance(each.report, GatewayReport):
                each.report = _unreachable(each.report)
            return
        if each.is_lost or (each.report and each.report.process_id != report.process_id):
            self._tell(f"{kind} restarted", of=key, process=report.process_id)
        before, each.is_lost, each.report = each.report, False, report
        if isinstance(report, GatewayReport):
            self._events.extend(report.events)
            if report.state.engines:
                self._had_engine.add(key)
        if report.fault and not (before and before.fault):
            self._tell(FAILED, what=kind, of=key, reason=report.fault)

    def _place_standbys(self) -> None:
        """One on every node that has shards."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        alive = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
        wanted = {state.node for state in self._states() if state.urls} & alive
        standbys = self._watches[_STANDBY].actors
        for node in [node for node in standbys if node not in wanted]:
            if node not in alive or not any(s.node == node for s in self._states()):
                ray.kill(standbys.pop(node).handle)
                self._tell("standby ended", node=node)
        for node in wanted.difference(standbys):
            place = NodeAffinitySchedulingStrategy(node, soft=False)
            standbys[node] = _Watched(self._begin_engine(f"{_STANDBY}/{node}", (), place, cpus=0))
            self._tell("standby placed", node=node)

    def _assign_standbys(self) -> None:
        """Every engine that does not serve stands by for all shards of its node."""
        for kind in (_ENGINE, _STANDBY):
            for key, each in self._watches[kind].actors.items():
                report: EngineReport | None = each.report
                if report is None or each.is_lost:
                    continue
                names = tuple(
                    self._plan.meeting(state.name)
                    for state in self._states()
                    if state.node == report.node
                    and (state.name in self._had_engine or state.name == key)
                )
                if names and each.told != (report.process_id, names):
                    each.handle.stand_by.remote(names)
                    each.told = report.process_id, names

    def _scale(self) -> None:
        gateways = self._gateways
        starting = len(gateways.actors) - len(gateways.reports())
        for _ in range(self._scaling.missing(self._states(), starting)):
            self._begin_shard()
        spare = self._scaling.to_close(self._states(), time.monotonic())
        if spare is not None and not starting:
            self._close(spare.name, "calm")

    def _begin_shard(self) -> None:
        import ray
        from ray.util.placement_group import placement_group
        from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

        plan = self._plan
        number = next(n for n in range(plan.most + 4096) if f"shard-{n}" not in self._all_keys())
        name = f"shard-{number}"
        engine = {"CPU": 1.0, **({"GPU": plan.engine_gpus} if plan.engine_gpus else {})}
        drained = self._drained.ids
        avoided = {"ray.io/node-id": f"!in({','.join(drained)})"}
        group = placement_group(
            [{"CPU": 1.0}, engine],
            strategy="STRICT_PACK",
            name=name,
            lifetime="detached",
            bundle_label_selector=[avoided, avoided] if drained else None,
        )
        options = at_own_ports(plan.options, plan.first_port, number)
        gateway = (
            ray.remote(GatewayHost)
            .options(
                name=f"{_GATEWAY}/{name}",
                scheduling_strategy=PlacementGroupSchedulingStrategy(group, 0),
                num_cpus=1,
                **_kept(),
            )
            .remote(name, plan.meeting(name), options, plan.weights)
        )
        self._gateways.actors[name] = _Watched(gateway)
        place = PlacementGroupSchedulingStrategy(group, 1)
        host = self._begin_engine(f"{_ENGINE}/{name}", (plan.meeting(name),), place, cpus=1)
        self._watches[_ENGINE].actors[name] = _Watched(host)
        self._tell("shard begun", shard=name)

    def _begin_engine(self, name: str, gateways: tuple[str, ...], place: Any, cpus: int) -> Any:
        import ray

        plan = self._plan
        options = EngineOptions(
            2 * plan.options.max_streams,
            plan.weights,
            plan.backend,
            plan.options.metrics_port is not None,
        )
        placed = ray.remote(EngineHost).options(
            name=name,
            scheduling_strategy=place,
            num_cpus=cpus,
            num_gpus=plan.engine_gpus,
            **_kept(),
        )
        return placed.remote(gateways, options)

    def _close(self, shard: str, reason: str) -> None:
        each = self._gateways.actors[shard]
        if each.report is not None and not each.report.state.is_closing:
            each.handle.close_when_empty.remote()
            self._tell("shard closing", shard=shard, reason=reason)

    def _close_empty(self) -> None:
        for state in self._states():
            if not state.is_closing:
                continue
            since_s = self._closing_s.setdefault(state.name, time.monotonic())
            if not state.characters and time.monotonic() - since_s > _CLOSING_S:
                self._end(state.name)
                self._tell("shard closed", shard=state.name)

    def _end(self, shard: str) -> None:
        """End a shard's processes and give its place back."""
        import ray
        from ray.util import get_placement_group, remove_placement_group

        self._closing_s.pop(shard, None)
        self._had_engine.discard(shard)
        for kind in (_GATEWAY, _ENGINE):
            each = self._watches[kind].actors.pop(shard, None)
            if each is not None:
                ray.kill(each.handle)
        try:
            remove_placement_group(get_placement_group(shard))
        except ValueError:  # there is none of this name
            return

    def _end_all(self) -> None:
        import ray

        for shard in {*self._gateways.actors, *self._watches[_ENGINE].actors}:
            self._end(shard)
        for each in self._watches[_STANDBY].actors.values():
            ray.kill(each.handle)
        self._watches[_STANDBY].actors.clear()

    def _all_keys(self) -> set[str]:
        return {key for watch in self._watches.values() for key in watch.actors}


def _kept() -> dict[str, Any]:
    """All processes of shards outlive the director and come back by themselves."""
    return {
        "lifetime": "detached",
        "namespace": NAMESPACE,
        "max_restarts": -1,
        "max_concurrency": _QUESTIONS,
    }


def _unreachable(report: GatewayReport) -> GatewayReport:
    """The same shard, to which nobody can be sent."""
    return replace(report, state=replace(report.state, urls=(), clients=0, characters=0))
