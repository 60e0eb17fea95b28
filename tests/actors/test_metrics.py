from urllib.request import urlopen

import numpy as np
import pytest

from actors.measured_networks import measured
from actors.metrics import Metrics, serve_metrics
from actors.networks import FusedNetworks
from tests.actors.fake_networks import FakeNetworks
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError


def test_a_server_answers_and_ends() -> None:
    metrics = Metrics()
    metrics.frames.inc(3)
    metrics.refusals.labels("token").inc()
    url, stop = serve_metrics(metrics.registry, "127.0.0.1", 0)
    with urlopen(url) as answer:
        text = answer.read().decode()
    assert "umo_frames_total 3.0" in text
    assert 'umo_refusals_total{code="token"} 1.0' in text
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(OutputError, match=rf"127.0.0.1:{port} .*--metrics-port"):
        serve_metrics(metrics.registry, "127.0.0.1", port)
    stop()
    with pytest.raises(OSError, match="refused"):
        urlopen(url)


def test_networks_that_are_measured_give_the_same_and_are_counted() -> None:
    metrics, clock, plain = Metrics(), ManualClock(), FakeNetworks()
    counted = measured(FakeNetworks(), metrics, clock)
    assert not isinstance(counted, FusedNetworks)
    windows = np.random.default_rng(0).normal(size=(2, 4, 400)).astype(np.float32)
    for network in (plain.tokenizer, counted.tokenizer):
        network.admit("a")
        network.admit("b")
    for own, other in zip(
        counted.tokenizer.step(["a", "b"], windows),
        plain.tokenizer.step(["a", "b"], windows),
        strict=True,
    ):
        np.testing.assert_array_equal(own, other)
    read = metrics.registry.get_sample_value
    assert read("umo_step_rows_sum", {"network": "tokenizer"}) == 2
    assert read("umo_step_rows_count", {"network": "tokenizer"}) == 1
    assert read("umo_step_seconds_count", {"network": "predictor"}) == 0
    counted.tokenizer.evict("a")
    counted.tokenizer.evict("b")
