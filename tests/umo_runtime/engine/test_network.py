from collections.abc import Callable

import numpy as np
import pytest

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine.network import Network
from umo_runtime.engine.onnxruntime_backend import OnnxRuntimeBackend
from umo_runtime.engine.weights import load_weights
from umo_runtime.errors import EngineError

Open = Callable[[int], Network]


@pytest.fixture
def opened(bundle: TinyBundle) -> Open:
    """Makes a tokenizer network for so many streams."""
    file = load_weights(bundle.folder).networks["tokenizer"]
    return lambda capacity: Network(OnnxRuntimeBackend(file, capacity, threads=1), capacity)


def _windows(rows: int, seed: int = 0) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    noise = np.random.default_rng(seed).normal(size=(rows, 4, 400))
    return (0.2 * noise).astype(np.float32)


def test_a_stream_must_be_admitted_and_only_once(opened: Open) -> None:
    network = opened(1)
    with pytest.raises(EngineError, match="not admitted"):
        network.step(["a"], windows=_windows(1))
    with pytest.raises(EngineError, match="not admitted"):
        network.reset("a")
    network.admit("a")
    with pytest.raises(EngineError, match="admitted already"):
        network.admit("a")
    with pytest.raises(EngineError, match="slots are taken"):
        network.admit("b")
    network.check(["a"])
    network.evict("a")
    with pytest.raises(EngineError, match="not admitted"):
        network.check(["a"])


def test_a_refused_step_leaves_every_stream_as_it_was(opened: Open) -> None:
    network, other = (opened(2) for _ in range(2))
    for each in (network, other):
        each.admit("a")
        each.step(["a"], windows=_windows(1))
    with pytest.raises(EngineError):
        network.step(["a", "x"], windows=_windows(2))
    results = [each.step(["a"], windows=_windows(1, seed=1)) for each in (network, other)]
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


def test_results_are_not_written_to_again(opened: Open) -> None:
    network = opened(1)
    network.admit("a")
    _, features = network.step(["a"], windows=_windows(1))
    kept = features.copy()
    network.step(["a"], windows=_windows(1, seed=1))
    np.testing.assert_array_equal(features, kept)
