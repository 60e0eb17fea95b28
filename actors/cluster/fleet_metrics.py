"""Metrics of all shards at one endpoint: what each tells, with a label that says which it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

SHARD = "shard"


class FleetCollector(Collector):
    """Asks all shards whenever somebody asks for their metrics.

    Args:
        ask: returns what the processes of each shard tell Prometheus, by shard.
    """

    def __init__(self, ask: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        """Families of metrics."""
        families: dict[str, Metric] = {}
        for shard, texts in sorted(self._ask().items()):
            for text in texts:
                for family in text_string_to_metric_families(text):
                    if family.name.endswith("_created"):
                        continue
                    merged = families.setdefault(
                        family.name, Metric(family.name, family.documentation, family.type)
                    )
                    for sample in family.samples:
                        labels = {**sample.labels, SHARD: shard}
                        merged.add_sample(sample.name, labels, sample.value)
        yield from families.values()

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: nobody is asked before somebody asks."""
        yield from ()
