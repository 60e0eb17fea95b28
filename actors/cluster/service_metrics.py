"""What a gateway tells Prometheus of its engines: where chunks went, how old records are taken."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from actors.cluster.remote_service import RemoteService
from actors.cluster.shared_ring import AGES_S

_BOUNDS = (*map(str, AGES_S), "+Inf")


class ServiceCollector(Collector):
    """Reads a service's counters whenever somebody asks.

    Args:
        service: to read; None while there is none.
    """

    def __init__(self, service: Callable[[], RemoteService | None]) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Families of metrics."""
        service = self._service()
        if service is None:
            return
        yield GaugeMetricFamily(
            "umo_engines", "Engines that serve or stand by", value=service.num_engines
        )
        yield CounterMetricFamily(
            "umo_engine_switches",
            "How often a standby took the place of an engine",
            value=service.switches,
        )
        chunks = CounterMetricFamily(
            "umo_chunks", "Chunks of audio by what became of them", labels=("fate",)
        )
        for fate, count in asdict(service.chunks()).items():
            if fate != "waiting":
                chunks.add_metric((fate,), count)
        yield chunks
        items = CounterMetricFamily(
            "umo_ring_items", "Items of a ring by what became of them", labels=("ring", "fate")
        )
        depth = GaugeMetricFamily("umo_ring_depth", "Items that wait in a ring", labels=("ring",))
        ages = HistogramMetricFamily(
            "umo_hop_age_seconds", "From putting a record to taking it", labels=("ring",)
        )
        for name, stats in service.rings().items():
            for fate in ("put", "taken", "dropped"):
                items.add_metric((name, fate), getattr(stats, fate))
            depth.add_metric((name,), stats.depth)
            counts = zip(_BOUNDS, accumulate(stats.ages), strict=True)
            ages.add_metric((name,), [(bound, float(n)) for bound, n in counts], stats.age_sum_s)
        yield from (items, depth, ages)
