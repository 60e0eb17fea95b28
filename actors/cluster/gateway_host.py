"""A shard's gateway as Ray runs it: the server's loop in a thread, questions answered beside it."""

import asyncio
import os
import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest

from actors.cluster.event_log import Event, new_event
from actors.cluster.fleet import ShardState
from actors.cluster.remote_service import RemoteService
from actors.cluster.service_metrics import ServiceCollector
from actors.metrics import Metrics
from actors.serving import SWITCH_S, GraphSide, ServeOptions, run_server
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import UmoError

LEASE_S = 120.0  # a process of a cluster that nobody asks for so long has been forgotten
AGAIN_S = 5.0  # after which a process that cannot do its work is begun anew
_MOST_EVENTS = 1000
_READY_S = 30.0


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """What a gateway says when it is asked.

    Attributes:
        state: of its shard.
        process_id: of the gateway.
        events: since it was asked before.
        fault: why it cannot be begun; "" where it can.
    """

    state: ShardState
    process_id: int
    events: tuple[Event, ...]
    fault: str = ""


class GatewayHost:
    """Runs a gateway until its process ends.

    Args:
        shard: its name.
        meeting: the name under which engines of its node find it.
        options: of the server.
        weights: folder with the text vocabulary; None: the bundled one.
    """

    def __init__(
        self, shard: str, meeting: str, options: ServeOptions, weights: Path | None
    ) -> None:
        self._shard, self._meeting = shard, meeting
        self._options, self._weights = options, weights
        self._node = node_id()
        self._metrics = Metrics()
        self._metrics.registry.register(ServiceCollector(lambda: self._service))
        self._events: deque[Event] = deque(maxlen=_MOST_EVENTS)
        self._urls: tuple[str, ...] = ()
        self._service: RemoteService | None = None
        self._is_closing = False
        self._fault = ""
        self._is_ready = threading.Event()
        self._lease = Lease()
        threading.Thread(target=self._run, name="umo-gateway", daemon=True).start()

    def report(self) -> GatewayReport:
        """Load, and what has happened."""
        self._lease.renew()
        self._is_ready.wait(_READY_S)
        service, registry = self._service, self._metrics.registry
        events = [self._events.popleft() for _ in range(len(self._events))]
        state = ShardState(
            self._shard,
            self._node,
            self._urls,
            int(registry.get_sample_value("umo_characters") or 0),
            int(registry.get_sample_value("umo_clients") or 0),
            self._options.max_streams,
            service.num_engines if service else 0,
            self._is_closing,
        )
        return GatewayReport(state, os.getpid(), tuple(events), self._fault)

    def close_when_empty(self) -> None:
        """Take no new clients; the director ends a shard that is empty."""
        self._is_closing = True

    def metrics(self) -> str:
        """For Prometheus."""
        return generate_latest(self._metrics.registry).decode()

    def _run(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        try:
            asyncio.run(self._serve())
        except UmoError as error:  # of an address or the weights: it will be no better at once
            self._fault, self._urls = str(error), ()
            self._is_ready.set()
            time.sleep(AGAIN_S)
        except BaseException:
            traceback.print_exc()
        os._exit(1)  # Ray begins it anew

    async def _serve(self) -> None:
        from umo_runtime.config import TEXT_NAME
        from umo_runtime.engine.weights import bundled_folder
        from umo_runtime.tokenizer.text import TextTokenizer

        text = TextTokenizer.load((self._weights or bundled_folder()) / TEXT_NAME)
        await run_server(
            f"umo {version('umo-runtime')} {self._shard}",
            self._open_graph,
            text.encode,
            self._options,
            MonotonicClock(),
            self._ready,
            asyncio.Event(),
            self._metrics,
        )

    def _open_graph(self, side: GraphSide) -> RemoteService:
        self._service = RemoteService(
            self._meeting,
            self._options.max_streams,
            side.show,
            side.resume,
            side.is_owed,
            side.seeds,
            self._tell,
        )
        return self._service

    def _ready(self, urls: list[str]) -> None:
        self._urls = tuple(map(reachable, urls))
        self._tell("gateway ready", process=os.getpid(), urls=urls)
        self._is_ready.set()

    def _tell(self, event: str, **facts: object) -> None:
        self._events.append(new_event(event, **{**facts, "shard": self._shard}, node=self._node))


class Lease:
    """Ends this process, for good, when nobody has renewed it for `LEASE_S`."""

    def __init__(self) -> None:
        self._renewed_s = time.monotonic()
        threading.Thread(target=self._watch, name="umo-lease", daemon=True).start()

    def renew(self) -> None:
        """Somebody still wants it."""
        self._renewed_s = time.monotonic()

    def _watch(self) -> None:
        while time.monotonic() - self._renewed_s < LEASE_S:
            time.sleep(1.0)
        import ray
        from ray.util import get_current_placement_group, remove_placement_group

        group = get_current_placement_group()
        if group is not None:
            remove_placement_group(group)  # ends all that run in it
        ray.kill(ray.get_runtime_context().current_actor)


def node_id() -> str:
    """The node that Ray runs this process on."""
    import ray

    return str(ray.get_runtime_context().get_node_id())


def reachable(url: str) -> str:
    """A URL by which others find it: this node's address in place of all of its addresses."""
    import ray

    scheme, _, rest = url.partition("://")
    host, _, port = rest.rpartition(":")
    if host not in ("0.0.0.0", "[::]"):
        return url
    address = ray.util.get_node_ip_address()
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"


def at_own_ports(options: ServeOptions, first_port: int, number: int) -> ServeOptions:
    """The same at ports of its own: two a shard from the first one on, or any free ones if it is 0.

    Args:
        options: of the whole cluster.
        first_port: 0 for any.
        number: of the shard.
    """
    ports: dict[str, Any] = {"port": 0, "metrics_port": None}
    if first_port:
        ports["port"] = first_port + 2 * number
    if options.websocket_port is not None:
        ports["websocket_port"] = ports["port"] + 1 if first_port else 0
    return replace(options, **ports)
