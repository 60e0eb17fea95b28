"""Networks whose steps are counted and timed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

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
from umo_runtime.types import FloatArray, IntArray


class _Measured:
    """What one network's steps have in common."""

    def __init__(self, name: str, metrics: Metrics, clock: Clock) -> None:
        self._rows, self._time = metrics.step_rows.labels(name), metrics.step_s.labels(name)
        self._clock = clock

    @contextmanager
    def _step_of(self, streams: Sequence[str]) -> Iterator[None]:
        began_s = self._clock.now_s()
        yield
        self._time.observe(self._clock.now_s() - began_s)
        self._rows.observe(len(streams))


class _Tokenizer(_Measured):
    def __init__(self, network: TokenizerNetwork, metrics: Metrics, clock: Clock) -> None:
        super().__init__("tokenizer", metrics, clock)
        self._network = network
        self.admit, self.evict = network.admit, network.evict

    def step(self, streams: Sequence[str], windows: FloatArray) -> tuple[IntArray, FloatArray]:
        with self._step_of(streams):
            return self._network.step(streams, windows)


class _Predictor(_Measured):
    def __init__(self, network: PredictorNetwork, metrics: Metrics, clock: Clock) -> None:
        super().__init__("predictor", metrics, clock)
        self._network = network
        self.admit, self.evict = network.admit, network.evict

    def step(
        self, streams: Sequence[str], codes: IntArray, text: IntArray, controls: FloatArray
    ) -> FloatArray:
        with self._step_of(streams):
            return self._network.step(streams, codes, text, controls)


class _Interpolator(_Measured):
    def __init__(self, network: InterpolatorNetwork, metrics: Metrics, clock: Clock) -> None:
        super().__init__("interpolator", metrics, clock)
        self._network = network
        self.admit, self.evict = network.admit, network.evict

    def step(
        self,
        streams: Sequence[str],
        previous: FloatArray,
        following: FloatArray,
        phase: FloatArray,
        features: FloatArray,
        controls: FloatArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        with self._step_of(streams):
            return self._network.step(streams, previous, following, phase, features, controls)


class _Three:
    def __init__(self, networks: Networks, metrics: Metrics, clock: Clock) -> None:
        self.tokenizer: TokenizerNetwork = _Tokenizer(networks.tokenizer, metrics, clock)
        self.predictor: PredictorNetwork = _Predictor(networks.predictor, metrics, clock)
        self.interpolator: InterpolatorNetwork = _Interpolator(
            networks.interpolator, metrics, clock
        )


class _Fused(_Measured):
    def __init__(self, networks: FusedNetworks, metrics: Metrics, clock: Clock) -> None:
        super().__init__("all", metrics, clock)
        self._networks = networks
        self.begin, self.evict = networks.begin, networks.evict

    def step(
        self, streams: Sequence[str], windows: FloatArray, text: IntArray, controls: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        with self._step_of(streams):
            return self._networks.step(streams, windows, text, controls)


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
