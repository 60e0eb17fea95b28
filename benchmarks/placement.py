"""Does the director's placement hold? A simulation that asks its own decisions.

    python -m benchmarks.placement

Clients come at random, open some characters each, stay for minutes and go; a crowd comes in the
middle, and a node dies. The director sees shards every second, as in a cluster; shards take seconds
to begin. Writes `benchmarks/results/placement.json`: a row for each scale.
"""

import argparse
import heapq
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from actors.cluster.fleet import Scaling, ShardState, choose_shard

RESULT = Path(__file__).parent / "results" / "placement.json"
LOOK_S = 1.0  # between two looks of the director at its shards
BEGIN_S = 6.0  # until a new shard serves: a process, its imports and its weights
STAY_S = 300.0  # of a client, mean
RUN_S = 1800.0
CROWD_AT_S, CROWD_SHARE = 600.0, 0.3  # of all clients come within CROWD_S
CROWD_S = 60.0
NODE_DIES_AT_S = 1200.0


@dataclass
class Shard:
    """A shard as it is, not as the director last saw it."""

    name: str
    node: str
    opens_s: float
    places: int
    clients: dict[int, int] = field(default_factory=dict)  # characters by client
    is_closing: bool = False

    def state(self, now_s: float) -> ShardState:
        """What the director is told."""
        taken = sum(self.clients.values())
        urls = ("tcp",) if now_s >= self.opens_s else ()
        return ShardState(
            self.name,
            self.node,
            urls,
            taken,
            len(self.clients),
            self.places,
            is_closing=self.is_closing,
        )


class Simulation:
    """One fleet and its clients.

    Args:
        characters: that live at once, about.
        per_client: characters of a client, at most; one at least.
        places: characters of a shard at most.
        shards_per_node: shards that a node has room for.
        seed: of chance.
    """

    def __init__(
        self, characters: int, per_client: int, places: int, shards_per_node: int, seed: int
    ) -> None:
        self._random = np.random.default_rng(seed)
        self._per_client, self._places, self._per_node = per_client, places, shards_per_node
        self._rate_hz = characters / ((1 + per_client) / 2) / STAY_S
        self._scaling = Scaling(1, 1 << 20)
        self._shards: dict[str, Shard] = {}
        self._leaving: list[tuple[float, int, str]] = []
        self._seen: list[ShardState] = []
        self._promised: dict[str, int] = defaultdict(int)
        self._counts: dict[str, int] = defaultdict(int)
        self._begun = self._moved = 0
        self._unevenness: list[float] = []
        self._free: list[float] = []
        self._most_shards = 0

    def run(self) -> dict[str, Any]:
        """Let half an hour pass."""
        arrivals = self._arrivals()
        next_arrival, has_died = 0, False
        for now_s in np.arange(0, RUN_S, LOOK_S):
            self._look(float(now_s))
            while next_arrival < len(arrivals) and arrivals[next_arrival] < now_s + LOOK_S:
                self._arrive(float(arrivals[next_arrival]), next_arrival)
                next_arrival += 1
            if now_s >= NODE_DIES_AT_S and not has_died:
                has_died = True
                self._kill_node(float(now_s), next_arrival)
        clients = self._counts["came"]
        return {
            "clients": clients,
            "most_shards": self._most_shards,
            "refused_share": round(self._counts["refused"] / clients, 5),
            "short_share": round(self._counts["short"] / clients, 5),
            "unevenness_p95": round(float(np.percentile(self._unevenness, 95)), 3),
            "free_places_median": round(float(np.median(self._free)), 3),
            "clients_of_dead_node": self._moved,
            "of_these_refused": self._counts["refused again"],
        }

    def _arrivals(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        steady = self._random.uniform(0, RUN_S, self._random.poisson(self._rate_hz * RUN_S))
        crowd = self._random.poisson(CROWD_SHARE * self._rate_hz * STAY_S)
        return np.sort([*steady, *self._random.uniform(CROWD_AT_S, CROWD_AT_S + CROWD_S, crowd)])

    def _look(self, now_s: float) -> None:
        """Clients leave; the director looks and decides."""
        while self._leaving and self._leaving[0][0] <= now_s:
            _, client, name = heapq.heappop(self._leaving)
            if name in self._shards:
                self._shards[name].clients.pop(client, None)
        for shard in [s for s in self._shards.values() if s.is_closing and not s.clients]:
            del self._shards[shard.name]
        every = [shard.state(now_s) for shard in self._shards.values()]
        self._seen = [state for state in every if state.urls]
        self._promised.clear()
        for _ in range(self._scaling.missing(self._seen, len(every) - len(self._seen))):
            self._begin_shard(now_s)
        spare = self._scaling.to_close(self._seen, now_s)
        if spare is not None and len(every) == len(self._seen):
            self._shards[spare.name].is_closing = True
        self._most_shards = max(self._most_shards, len(self._shards))
        if now_s > STAY_S and self._seen:
            loads = np.array([s.characters / s.max_streams for s in self._seen if s.is_open])
            self._unevenness.append(float(loads.max() - loads.mean()))
            self._free.append(float(1 - loads.mean()))

    def _begin_shard(self, now_s: float) -> None:
        on_nodes: dict[str, int] = defaultdict(int)
        for shard in self._shards.values():
            on_nodes[shard.node] += 1
        roomy = (node for node, count in on_nodes.items() if count < self._per_node)
        node = next(roomy, f"node-{self._begun}")
        name = f"shard-{self._begun}"
        self._begun += 1
        self._shards[name] = Shard(name, node, now_s + BEGIN_S * (now_s > 0), self._places)

    def _arrive(self, now_s: float, client: int) -> None:
        self._counts["came"] += 1
        if not self._place(now_s, client):
            self._counts["refused"] += 1

    def _place(self, now_s: float, client: int) -> bool:
        """Send a client to the shard that the director would; it opens all its characters."""
        chosen = choose_shard(self._seen, self._promised)
        if chosen is None or chosen.name not in self._shards:
            return False
        self._promised[chosen.name] += 1
        shard = self._shards[chosen.name]
        wanted = int(self._random.integers(1, self._per_client + 1))
        opened = min(wanted, shard.places - sum(shard.clients.values()))
        self._counts["short"] += opened < wanted
        shard.clients[client] = opened
        stays_s = self._random.exponential(STAY_S)
        heapq.heappush(self._leaving, (now_s + stays_s, client, shard.name))
        return True

    def _kill_node(self, now_s: float, next_client: int) -> None:
        """A node is gone; its clients come to the front door again."""
        node = max({s.node for s in self._shards.values()}, key=lambda n: (len(n), n))
        lost = [shard for shard in self._shards.values() if shard.node == node]
        for shard in lost:
            del self._shards[shard.name]
        self._seen = [state for state in self._seen if state.node != node]
        for client in [client for shard in lost for client in shard.clients]:
            self._moved += 1
            if not self._place(now_s, client + (1 << 30)):
                self._counts["refused again"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rows = []
    for characters, per_client, places, per_node in (
        (100, 1, 40, 1),
        (1_000, 1, 64, 16),
        (1_000, 20, 64, 16),
        (10_000, 20, 64, 64),
        (10_000, 100, 1024, 4),
    ):
        row = {
            "characters": characters,
            "most_per_client": per_client,
            "places_per_shard": places,
            "shards_per_node": per_node,
            **Simulation(characters, per_client, places, per_node, args.seed).run(),
        }
        print(json.dumps(row), flush=True)
        rows.append(row)
    RESULT.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
