import os

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from actors.cluster.fleet_metrics import FleetCollector
from actors.cluster.remote_service import Chunks
from actors.cluster.service_metrics import ServiceCollector
from actors.cluster.shared_ring import SharedRing

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")


class Service:
    num_engines, switches = 2, 1

    def __init__(self, ring: SharedRing) -> None:
        self._ring = ring

    def chunks(self) -> Chunks:
        return Chunks(pushed=9, again=2, taken=5, lost=3, unfed=1)

    def rings(self) -> dict[str, object]:
        return {"audio": self._ring.stats()}


def test_a_service_tells_where_chunks_went_and_how_old_they_were() -> None:
    with SharedRing.create(1024) as ring:
        ring.put(b"x", 3)
        ring.take()
        ring.put(b"y", 2)
        registry = CollectorRegistry()
        registry.register(ServiceCollector(lambda: Service(ring)))  # type: ignore[arg-type, return-value]
        value = registry.get_sample_value
        assert value("umo_engines") == 2
        assert value("umo_engine_switches_total") == 1
        assert value("umo_chunks_total", {"fate": "lost"}) == 3
        assert value("umo_ring_items_total", {"ring": "audio", "fate": "taken"}) == 3
        assert value("umo_ring_depth", {"ring": "audio"}) == 2
        assert value("umo_hop_age_seconds_count", {"ring": "audio"}) == 1
        assert 0 < (value("umo_hop_age_seconds_sum", {"ring": "audio"}) or 0) < 1


def test_a_gateway_that_has_no_service_yet_says_nothing() -> None:
    registry = CollectorRegistry()
    registry.register(ServiceCollector(lambda: None))
    assert generate_latest(registry) == b""


def test_shards_are_told_apart_and_processes_of_one_are_not() -> None:
    gateway = (
        '# TYPE umo_frames counter\numo_frames_total 5.0\numo_step_rows_count{network="x"} 1\n'
    )
    texts = {"b": [gateway], "a": [gateway, 'umo_steps{network="y"} 2\n']}
    registry = CollectorRegistry()
    registry.register(FleetCollector(lambda: texts))
    assert registry.get_sample_value("umo_frames_total", {"shard": "a"}) == 5
    assert registry.get_sample_value("umo_frames_total", {"shard": "b"}) == 5
    assert registry.get_sample_value("umo_steps", {"shard": "a", "network": "y"}) == 2
    told = generate_latest(registry).decode()
    assert told.count("# TYPE umo_frames_total counter") == 1
