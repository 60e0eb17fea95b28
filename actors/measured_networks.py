"""Networks whose steps are counted and timed."""

from collections.abc import Sequence
from typing import Any

from actors.metrics import Metrics
from actors.networks import (
    FusedNetworks,
    InterpolatorNetwork,
    Networks,
    PredictorNetwork,
    SpeechNetworks,
    TokenizerNetwork,
)
from umo_runtime.clock import Clock


class _Measured:
    """What is measured of any network: its steps."""

    def __init__(self, name: str, network: Any, metrics: Metrics, clock: Clock) -> None:
        self._rows, self._time = metrics.step_rows.labels(name), metrics.step_s.labels(name)
        self._network, self._clock = network, clock
        self.evict = network.evict

    def step(self, streams: Sequence[str], *inputs: Any, **named: Any) -> Any:
        began_s = self._clock.now_s()
        made = self._network.step(streams, *inputs, **named)
        self._time.observe(self._clock.now_s() - began_s)
        self._rows.observe(len(streams))
        return made


class _One(_Measured):
    def __init__(self, name: str, network: Any, metrics: Metrics, clock: Clock) -> None:
        super().__init__(name, network, metrics, clock)
        self.admit = network.admit


class _Three:
    def __init__(self, networks: Networks, metrics: Metrics, clock: Clock) -> None:
        self.tokenizer: TokenizerNetwork = _One("tokenizer", networks.tokenizer, metrics, clock)
        self.predictor: PredictorNetwork = _One("predictor", networks.predictor, metrics, clock)
        self.interpolator: InterpolatorNetwork = _One(
            "interpolator", networks.interpolator, metrics, clock
        )


class _Fused(_Measured):
    def __init__(self, networks: FusedNetworks, metrics: Metrics, clock: Clock) -> None:
        super().__init__("all", networks, metrics, clock)
        self.begin = networks.begin


def measured(networks: SpeechNetworks, metrics: Metrics, clock: Clock) -> SpeechNetworks:
    """The same networks; every step is told to the metrics.

    Args:
        networks: to measure.
        metrics: to tell.
        clock: of the time of a step.
    """
    if isinstance(networks, FusedNetworks):
        return _Fused(networks, metrics, clock)
    return _Three(networks, metrics, clock)
