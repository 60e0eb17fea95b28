"""`umo serve --runner ray`: the front door, and the director behind it.

This process is the only one that users connect to by an address they know. It starts Ray on this
machine or joins a cluster, and when it ends, everything that it began ends.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from prometheus_client import CollectorRegistry

from actors.cluster.director import (
    DIRECTOR,
    FAILED,
    LOOK_EVERY_S,
    NAMESPACE,
    Director,
    FleetPlan,
)
from actors.cluster.event_log import Event, new_event
from actors.cluster.fleet_metrics import FleetCollector
from actors.cluster.front_door import FrontDoor, is_there
from actors.metrics import serve_metrics
from engine_bridge.endpoint import resolve
from engine_bridge.websocket_endpoint import WebSocketEndpoint
from engine_bridge.zmq_endpoint import ZmqEndpoint
from umo_runtime.clock import Clock
from umo_runtime.errors import ConfigError, MissingExtraError, ServiceError

_START_S = 120.0  # for the first shards
_ANSWER_S, _TRIES = 5.0, 6
_CONNECT_S = 5.0
_STORE_BYTES = 80_000_000  # the least that Ray takes: nothing of ours travels through it
_SHARD_CPUS = 2  # one of the gateway, one of the engine


async def serve_cluster(
    plan: FleetPlan,
    address: str | None,
    clock: Clock,
    ready: Callable[[list[str]], None],
    log: Callable[[Iterable[Event]], None],
    stopping: Callable[[], asyncio.Event],
) -> None:
    """Serve until told to stop.

    Args:
        plan: what to run.
        address: of a Ray cluster to join; None starts Ray on this machine.
        clock: of the front door.
        ready: called with the URLs once clients can come.
        log: gets events.
        stopping: called once Ray is there, which takes signals for itself; sets what it returns to
            stop.

    Raises:
        MissingExtraError: Ray is not installed.
        ConfigError: there is no such cluster.
        OutputError: an address cannot be had.
        ServiceError: no shard came up.
    """
    director = await asyncio.to_thread(_begin, plan, address)
    try:
        await _serve(plan, director, clock, ready, log, stopping())
    finally:
        await asyncio.to_thread(_end, director)


async def _serve(
    plan: FleetPlan,
    director: Any,
    clock: Clock,
    ready: Callable[[list[str]], None],
    log: Callable[[Iterable[Event]], None],
    until: asyncio.Event,
) -> None:
    options = plan.options
    host = resolve(options.host)

    def send(client: Hashable, data: bytes) -> None:
        (zeromq if isinstance(client, bytes) else websocket).send(client, data)

    async def answer(client: Hashable, data: bytes) -> None:
        await door.receive(client, data)
        zeromq.flush()

    def receive(client: Hashable, data: bytes) -> None:
        answering = asyncio.create_task(answer(client, data))
        answers.add(answering)  # the loop alone does not keep it
        answering.add_done_callback(answers.discard)

    answers: set[asyncio.Task[None]] = set()
    door = FrontDoor(options.token, send, clock, is_there)
    async with AsyncExitStack() as stack:
        zeromq = ZmqEndpoint(host, options.port, receive, options.keys)
        stack.push_async_callback(zeromq.close)
        origins = None if options.token else options.origins
        websocket = WebSocketEndpoint(receive, lambda client: None, origins)
        stack.push_async_callback(websocket.close)
        if options.websocket_port is not None:
            await websocket.listen(host, options.websocket_port)
        stack.callback(lambda: [answering.cancel() for answering in answers])
        urls = [url for url in (zeromq.url, websocket.url) if url]
        if options.metrics_port is not None:
            registry = CollectorRegistry()
            registry.register(FleetCollector(lambda: _metrics(director)))
            url, stop = serve_metrics(registry, host, options.metrics_port)
            stack.push_async_callback(asyncio.to_thread, stop)
            urls.append(url)
        faults: list[str] = []
        watch = asyncio.create_task(_watch(director, door, faults, log))
        stack.callback(watch.cancel)
        await _until_open(plan, door, faults, clock, until)
        if not until.is_set():
            ready(urls)
            await until.wait()


async def _until_open(
    plan: FleetPlan, door: FrontDoor, faults: Sequence[str], clock: Clock, until: asyncio.Event
) -> None:
    """Wait for the first shards."""
    give_up_s = clock.now_s() + _START_S
    while not until.is_set():
        if sum(state.is_open and state.engines > 0 for state in door.shards) >= plan.least:
            return
        if faults:
            raise ServiceError("start", faults[0])
        if clock.now_s() > give_up_s:
            raise ServiceError(
                "start",
                f"{plan.least} shards did not come up in {_START_S:g} s; each needs "
                f"{_SHARD_CPUS} CPUs of one node: give fewer --shards or more nodes",
            )
        await asyncio.sleep(LOOK_EVERY_S / 5)


async def _watch(
    director: Any, door: FrontDoor, faults: list[str], log: Callable[[Iterable[Event]], None]
) -> None:
    """Keep the front door's view of the shards, and write down what happens."""
    import ray

    process_id, is_lost = None, False
    while True:
        try:
            report = await asyncio.wait_for(director.report.remote(), _ANSWER_S)
        except (ray.exceptions.RayError, TimeoutError) as error:
            if not is_lost:
                log([new_event("director lost", reason=type(error).__name__)])
            is_lost = True
        else:
            log(report.events)
            faults += [e["reason"] for e in report.events if e["event"] == FAILED]
            if process_id != report.process_id:
                log([new_event("director ready", process=report.process_id)])
            process_id, is_lost = report.process_id, False
            if report.shards:  # one that has just come back has not asked them yet
                door.shards = report.shards
        await asyncio.sleep(LOOK_EVERY_S)


def _begin(plan: FleetPlan, address: str | None) -> Any:
    """Start or join Ray and begin the director."""
    join(address, num_cpus=max(_SHARD_CPUS * plan.most, os.cpu_count() or 1))
    import ray

    # Not detached: it ends with this process, and Ray begins it anew until then.
    placed = ray.remote(Director).options(
        name=DIRECTOR,
        namespace=NAMESPACE,
        max_restarts=-1,
        max_concurrency=8,
        num_cpus=0,
    )
    try:
        return placed.remote(plan)
    except ValueError as error:
        ray.shutdown()
        raise ConfigError(
            "this cluster runs umo serve already; end that one or give another --address"
        ) from error


def join(address: str | None, num_cpus: int = 1) -> None:
    """Join a cluster, or start Ray on this machine with room for so many CPUs' worth.

    Raises:
        MissingExtraError: Ray is not installed.
        ConfigError: there is no such cluster.
    """
    if address is not None:
        _check_answer(address)
    # Ray's workers are nice by default, so that frames would wait for everything else.
    os.environ.setdefault("RAY_worker_niceness", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_prestart_worker_first_driver", "0")  # one process a CPU, for nothing
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray", "cluster") from error
    local: dict[str, Any] = {
        "num_cpus": num_cpus,
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
        "_node_ip_address": "127.0.0.1",
    }
    where = local if address is None else {"address": address}
    try:
        ray.init(namespace=NAMESPACE, log_to_driver=False, logging_level="error", **where)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).strip().partition("\n")[0]
        raise ConfigError(f"no Ray cluster at {address}: {first}") from error


def _check_answer(address: str) -> None:
    """Refuse an address where nobody listens, which Ray would try for minutes."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or "://" in address:  # `auto`, or of a kind that Ray knows better
        return
    try:
        socket.create_connection((host, int(port)), _CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"no Ray cluster at {address}: {error}") from error


def drain(node: str, address: str) -> int:
    """Empty a node of a cluster that serves; see `Director.drain`.

    Raises:
        MissingExtraError: Ray is not installed.
        ConfigError: there is no such cluster, nothing serves there, or it has no such node.
    """
    join(address)
    import ray

    try:
        director = ray.get_actor(DIRECTOR)
        count: int = ray.get(director.drain.remote(node), timeout=_ANSWER_S)
    except ValueError as error:
        raise ConfigError(
            f"nothing serves in the cluster at {address}; start it: umo serve --runner ray"
        ) from error
    finally:
        ray.shutdown()
    if count < 0:
        raise ConfigError(f"node {node!r} is none of the cluster's; see: ray list nodes")
    return count


def _end(director: Any) -> None:
    """End all shards, then Ray or the connection to it."""
    import ray

    for _ in range(_TRIES):  # it may be just coming back; where it never does, leases end
        with suppress(ray.exceptions.RayError):
            ray.get(director.close.remote(), timeout=_ANSWER_S)
            break
        time.sleep(LOOK_EVERY_S)
    ray.shutdown()


def _metrics(director: Any) -> Mapping[str, Sequence[str]]:
    import ray

    try:
        texts: Mapping[str, Sequence[str]] = ray.get(director.metrics.remote(), timeout=_ANSWER_S)
    except ray.exceptions.RayError:
        return {}
    return texts
