"""An engine as Ray runs it: the networks in a thread, questions answered beside it."""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import generate_latest

from actors.cluster.engine_process import EngineProcess
from actors.cluster.gateway_host import AGAIN_S, Lease, node_id
from actors.measured_networks import measured
from actors.metrics import Metrics
from actors.networks import SpeechNetworks
from actors.serving import SWITCH_S
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import UmoError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What an engine runs.

    Attributes:
        capacity: streams at most.
        weights: folder; None: the bundled ones.
        backend: what runs the networks.
        is_measured: whether their steps are.
    """

    capacity: int
    weights: Path | None
    backend: str
    is_measured: bool


@dataclass(frozen=True, slots=True)
class EngineReport:
    """What an engine says when it is asked.

    Attributes:
        process_id: of the engine.
        node: it is on.
        serves: the shard that it serves; None while it stands by.
        metrics: for Prometheus.
        fault: why it cannot be begun; "" where it can.
    """

    process_id: int
    node: str
    serves: str | None
    metrics: str
    fault: str


class EngineHost:
    """Runs an engine until its process ends, which is also how it leaves a shard.

    Args:
        gateways: names of those that it stands by for.
        options: of the engine.
    """

    def __init__(self, gateways: Sequence[str], options: EngineOptions) -> None:
        self._gateways, self._options = tuple(gateways), options
        self._node = node_id()
        self._metrics = Metrics()
        self._engine: EngineProcess | None = None
        self._fault = ""
        self._lease = Lease()
        threading.Thread(target=self._run, name="umo-engine", daemon=True).start()

    def stand_by(self, gateways: Sequence[str]) -> None:
        """Stand by for other shards, unless it serves one."""
        self._gateways = tuple(gateways)
        if self._engine is not None:
            self._engine.gateways = self._gateways

    def report(self) -> EngineReport:
        """What it does."""
        self._lease.renew()
        serves = self._engine.serves if self._engine else None
        metrics = generate_latest(self._metrics.registry).decode()
        return EngineReport(os.getpid(), self._node, serves, metrics, self._fault)

    def _run(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        try:
            from umo_runtime.engine.open_engine import open_engine

            options, clock = self._options, MonotonicClock()
            networks: SpeechNetworks = open_engine(
                options.weights, options.capacity, options.backend, _log.info
            )
            if options.is_measured:
                networks = measured(networks, self._metrics, clock)
            self._engine = EngineProcess(networks, self._gateways, clock)
            self._engine.gateways = self._gateways  # which may have changed meanwhile
            self._engine.run(threading.Event())
        except UmoError as error:  # of weights or backend: it will be no better at once
            self._fault = str(error)
            time.sleep(AGAIN_S)
        except BaseException:
            traceback.print_exc()
        os._exit(1)  # Ray begins it anew, without anybody's streams
