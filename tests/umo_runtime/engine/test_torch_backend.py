"""The torch backend does what the ONNX Runtime backend does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.config import ModelConfig
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.engine.network import Network
from umo_runtime.engine.onnxruntime_backend import OnnxRuntimeBackend
from umo_runtime.engine.torch_backend import TorchBackend, batch_sizes
from umo_runtime.engine.weights import NETWORK_NAMES, Weights, bundled_folder, load_weights
from umo_runtime.errors import WeightsError

Array = npt.NDArray[Any]
CAPACITY = 6
CPU = torch.device("cpu")
BOUND = 1e-4  # far below the distance of two codes' poses: equal poses are equal codes
ROW_BOUND = 1e-5  # a matrix product may add in another order for another batch size


def _inputs(name: str, model: ModelConfig, rest: Array, stream: str, step: int) -> dict[str, Array]:
    """What a stream gives a network at a step: its own, and the same on every run."""
    random = np.random.default_rng([ord(stream), step])

    def noise(*shape: int) -> Array:
        return random.normal(size=shape).astype(np.float32)

    if name == "tokenizer":
        return {"windows": 0.2 * noise(4, 400)}
    controls = random.random(CONTROL_DIM, dtype=np.float32)
    if name == "predictor":
        return {
            "audio": random.integers(0, model.audio_codes, (4, model.audio_levels)),
            "text": random.integers(0, model.text_codes, model.text_slots),
            "controls": controls,
            "uniforms": random.random(4 * model.motion_levels, dtype=np.float32),
        }
    return {
        "previous": rest + 0.1 * noise(*rest.shape),
        "following": rest + 0.1 * noise(*rest.shape),
        "phase": np.float32(step % 4 / 4),
        "features": noise(model.audio_channels),
        "controls": controls,
    }


class Pair:
    """One network on both backends, stepped alike."""

    def __init__(self, weights: Weights, name: str, device: torch.device = CPU) -> None:
        self._weights, self._name, file = weights, name, weights.networks[name]
        self.onnxruntime = Network(OnnxRuntimeBackend(file, CAPACITY, threads=1), CAPACITY)
        self.torch = Network(TorchBackend(file, CAPACITY, device), CAPACITY)
        self.steps: dict[str, int] = {}

    def admit(self, stream: str) -> None:
        for network in (self.onnxruntime, self.torch):
            network.admit(stream)
        self.steps[stream] = 0

    def evict(self, stream: str) -> None:
        for network in (self.onnxruntime, self.torch):
            network.evict(stream)
        del self.steps[stream]

    def reset(self, stream: str) -> None:
        for network in (self.onnxruntime, self.torch):
            network.reset(stream)
        self.steps[stream] = 0

    def inputs(self, streams: Sequence[str]) -> Mapping[str, Array]:
        weights = self._weights
        each = [
            _inputs(self._name, weights.model, weights.rest_pose, stream, self.steps[stream])
            for stream in streams
        ]
        return {key: np.stack([one[key] for one in each]) for key in each[0]}

    def step(self, streams: Sequence[str]) -> list[Array]:
        """Step both and compare; returns what torch gave."""
        inputs = self.inputs(streams)
        results = self.torch.step(streams, **inputs)
        for one, two in zip(results, self.onnxruntime.step(streams, **inputs), strict=True):
            assert one.dtype == two.dtype
            np.testing.assert_allclose(one, two, atol=BOUND, rtol=BOUND)
        for stream in streams:
            self.steps[stream] += 1
        return results


@pytest.fixture(scope="module")
def weights(bundle: TinyBundle) -> Weights:
    return load_weights(bundle.folder)


@pytest.fixture(scope="module", params=NETWORK_NAMES)
def shared(weights: Weights, request: pytest.FixtureRequest) -> Pair:
    return Pair(weights, request.param)


@pytest.fixture
def pair(shared: Pair) -> Iterator[Pair]:
    """A pair that has served others before, in rows that are now free."""
    yield shared
    for stream in list(shared.steps):
        shared.evict(stream)


def _play(pair: Pair, rounds: int) -> None:
    """Streams of different age, in changing company, for more steps than a ring holds."""
    for at in range(rounds):
        if at % 5 == 0 and at < 5 * CAPACITY:
            pair.admit("abcdef"[at // 5])
        streams = sorted(pair.steps)
        pair.step(streams[at % 3 % len(streams) :])
    pair.reset("a")
    pair.step("a")


def test_outputs_equal_those_of_onnxruntime(pair: Pair) -> None:
    _play(pair, rounds=5 * CAPACITY + 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_bundled_networks_equal_those_of_onnxruntime(name: str) -> None:
    weights = load_weights(bundled_folder())
    _play(Pair(weights, name), rounds=2 * weights.model.window_steps)


_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["come or go", "reset"]), st.sampled_from("abcdefg")),
        st.tuples(st.just("step"), st.lists(st.sampled_from("abcdefg"), unique=True)),
    ),
    max_size=25,
)


@settings(max_examples=15)
@given(events=_EVENTS)
def test_streams_may_come_go_and_start_over(shared: Pair, events: list[tuple[str, Any]]) -> None:
    for event, given_ in events:
        if event == "step":
            streams = [stream for stream in given_ if stream in shared.steps]
            if streams:
                shared.step(streams)
        elif given_ in shared.steps:
            (shared.reset if event == "reset" else shared.evict)(given_)
        elif len(shared.steps) < CAPACITY:
            shared.admit(given_)
    for stream in list(shared.steps):
        shared.evict(stream)


@pytest.mark.parametrize("company", ["", "b", "bc", "bcd", "bcdef"])
def test_neither_company_nor_padding_changes_a_row(pair: Pair, company: str) -> None:
    pair.admit("a")
    alone = [pair.step("a") for _ in range(4)]
    for stream in company:
        pair.admit(stream)
    pair.reset("a")
    for expected in alone:
        beside = pair.step([*company, "a"])
        for one, two in zip(beside, expected, strict=True):
            np.testing.assert_allclose(one[-1], two[0], atol=ROW_BOUND, rtol=ROW_BOUND)


def test_a_step_of_nobody_changes_nothing(pair: Pair) -> None:
    pair.admit("a")
    nothing = {name: array[:0] for name, array in pair.inputs("a").items()}
    assert {len(output) for output in pair.torch.step([], **nothing)} == {0}
    pair.step("a")


@pytest.mark.parametrize(
    ("capacity", "sizes"),
    [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])],
)
def test_batch_sizes(capacity: int, sizes: list[int]) -> None:
    assert batch_sizes(capacity) == sizes


def test_a_manifest_of_another_network(weights: Weights) -> None:
    file = replace(weights.networks["tokenizer"], outputs=("other",))
    with pytest.raises(WeightsError, match="describes other networks than lie beside it"):
        TorchBackend(file, 1, CPU)


def _changed(content: bytes, operator: str, **attributes: int) -> bytes:
    model = onnx.load_from_string(content)
    node = next(node for node in model.graph.node if node.op_type == operator)
    kept = [part for part in node.attribute if part.name not in attributes]
    del node.attribute[:]
    node.attribute.extend(kept)
    node.attribute.extend(onnx.helper.make_attribute(*pair) for pair in attributes.items())
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("operator", "attributes"),
    [
        ("ArgMin", {"select_last_index": 1}),
        ("ArgMin", {"unheard_of": 1}),
        ("Cast", {"to": onnx.TensorProto.STRING}),  # of constants
    ],
)
def test_an_operator_used_in_another_way(
    weights: Weights, operator: str, attributes: dict[str, int]
) -> None:
    file = weights.networks["tokenizer"]
    changed = replace(file, content=_changed(file.content, operator, **attributes))
    with pytest.raises(WeightsError, match=r"cannot run a network .*; use the onnx") as info:
        TorchBackend(changed, 1, CPU)
    assert "\n" not in str(info.value)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_cuda_graphs_equal_onnxruntime(weights: Weights, name: str) -> None:
    _play(Pair(weights, name, torch.device("cuda")), rounds=5 * CAPACITY + 2)
