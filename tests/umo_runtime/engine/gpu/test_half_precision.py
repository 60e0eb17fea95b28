"""Which values become half, and what the predictor computes with them."""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine.gpu.half_precision import half_precision
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import NetworkFile, Weights, bundled_folder, load_weights

Array = npt.NDArray[Any]
Kept = dict[str, torch.Tensor]
CPU = torch.device("cpu")
HALVES = [torch.float16, torch.bfloat16]
BITS = {torch.float16: 11, torch.bfloat16: 8}  # of the mantissa
LAYOUT = {"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Slice", "Split", "Identity"}
STREAMS, STEPS = 16, 6
ROUNDINGS = 16  # as many may add up, of the largest number each


def _small_network() -> bytes:
    """A ring read and written, and one result of each kind of operator."""
    random = np.random.default_rng(0)
    nodes = [
        helper.make_node("Cast", ["stored"], ["weight"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["x", "weight"], ["product"]),
        helper.make_node("Reshape", ["product", "as_ring"], ["ring_0_written"]),
        helper.make_node("Transpose", ["ring_0"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["ring_0_written", "turned"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["shares"]),
        helper.make_node("Gemm", ["x", "weight", "bias"], ["direct"], transB=1),
        helper.make_node("Gather", ["weight", "code"], ["embedding"]),
        helper.make_node("Shape", ["ring_0"], ["sizes"]),
        helper.make_node("Expand", ["unit", "sizes"], ["ones"]),
        helper.make_node("Concat", ["ring_0", "ring_0_written"], ["longer"], axis=1),
        helper.make_node("ReduceSum", ["longer", "one"], ["summed"], keepdims=0),
    ]
    constants = {
        "stored": random.normal(size=(4, 4)).astype(np.float16),
        "bias": random.normal(size=4).astype(np.float32),
        "unit": np.ones(1, np.float32),
        "as_ring": np.array([-1, 1, 4]),
        "one": np.array([1]),
    }

    def info(name: str, kind: int, *shape: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, ["batch", *shape])

    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "graph",
        [info("x", floats, 4), info("code", TensorProto.INT64), info("ring_0", floats, 3, 4)],
        [
            info("shares", floats, 1, 3),
            info("direct", floats, 4),
            info("embedding", floats, 4),
            info("summed", floats, 4),
            info("ones", floats, 3, 4),
            info("ring_0_written", floats, 1, 4),
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=10)
    return bytes(model.SerializeToString())


def _graph(content: bytes) -> onnx.GraphProto:
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    return model.graph


@pytest.mark.parametrize("dtype", HALVES)
def test_a_small_network(dtype: torch.dtype) -> None:
    exact = _small_network()
    content = half_precision(exact, dtype)
    graph = _graph(content)
    casts = {node.input[0]: node.output[0] for node in graph.node if node.op_type == "Cast"}
    assert casts == {
        "x": "x.half",
        "scores.half": "scores",
        "direct.half": "direct",
        "embedding.half": "embedding",
        "longer.half": "longer",
    }
    constants = {part.name for part in graph.initializer}
    assert constants == {"weight.half", "bias.half", "unit", "as_ring", "one"}
    half, full = TorchGraph(content, CPU), TorchGraph(exact, CPU)
    for types, before in ((half.inputs, full.inputs), (half.outputs, full.outputs)):
        for name, kind in types.items():
            assert kind.dtype == (dtype if "ring" in name else before[name].dtype)
            assert kind.shape == before[name].shape
    random = np.random.default_rng(1)
    given = {
        "x": torch.from_numpy(random.normal(size=(5, 4)).astype(np.float32)),
        "code": torch.tensor([0, 3, 1, 1, 2]),
        "ring_0": torch.from_numpy(random.normal(size=(5, 3, 4)).astype(np.float32)),
    }
    actual = half(lambda name: given[name].to(half.inputs[name].dtype))
    for name, value in full(given.__getitem__).items():
        assert (actual[name].float() - value).abs().max() <= ROUNDINGS * 2.0 ** -BITS[dtype]


@pytest.fixture(
    scope="module", params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["tiny", "real"]
)
def weights(request: pytest.FixtureRequest) -> Weights:
    if request.param:
        return load_weights(bundled_folder())
    bundle: TinyBundle = request.getfixturevalue("bundle")
    return load_weights(bundle.folder)


@pytest.fixture(scope="module", params=HALVES, ids=str)
def dtype(request: pytest.FixtureRequest) -> torch.dtype:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def file(weights: Weights) -> NetworkFile:
    return weights.networks["predictor"]


@pytest.fixture(scope="module")
def content(file: NetworkFile, dtype: torch.dtype) -> bytes:
    return half_precision(file.content, dtype)


def _rings(graph: onnx.GraphProto) -> list[str]:
    return [value.name for value in graph.input if value.name.startswith("ring_")]


def test_products_are_half_and_nothing_is_cast_twice(content: bytes, dtype: torch.dtype) -> None:
    graph = _graph(content)
    constants = {part.name for part in graph.initializer}
    casts = [node for node in graph.node if node.op_type == "Cast"]
    assert not constants & {node.input[0] for node in casts}
    assert max(Counter((node.input[0], node.attribute[0].i) for node in casts).values()) == 1
    products = [node for node in graph.node if node.op_type in {"MatMul", "Gemm", "Attention"}]
    assert products
    halves = {*_rings(graph), *(f"{name}_written" for name in _rings(graph))}
    assert all(
        name.endswith(".half") or name in halves
        for node in products
        for name in (*node.input, *node.output)
        if name
    )


def test_no_ring_is_cast_as_a_whole(content: bytes) -> None:
    graph = _graph(content)
    whole = set(_rings(graph))
    assert whole
    for node in graph.node:
        if node.input and node.input[0] in whole:
            assert node.op_type != "Cast"
            if node.op_type in LAYOUT:
                whole.update(node.output)


def _inputs(weights: Weights, step: int) -> Kept:
    random, model = np.random.default_rng(step), weights.model
    arrays = {
        "audio": random.integers(0, model.audio_codes, (STREAMS, 4, model.audio_levels)),
        "text": random.integers(0, model.text_codes, (STREAMS, model.text_slots)),
        "controls": random.random((STREAMS, 9), dtype=np.float32),
        "uniforms": random.random((STREAMS, 4 * model.motion_levels), dtype=np.float32),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


@torch.inference_mode()
def _assert_near(weights: Weights, content: bytes, run: Any, bits: int) -> None:
    """Both take every step from the state that float32 has reached."""
    file = weights.networks["predictor"]
    exact, types = TorchGraph(file.content, CPU), TorchGraph(content, CPU).inputs
    kept = {
        part.name: torch.from_numpy(part.initial).expand(STREAMS, *part.initial.shape).clone()
        for part in file.kept
    }
    equal = []
    for step in range(STEPS):
        given = _inputs(weights, step) | kept
        expected = exact(given.__getitem__)
        actual = run({name: value.to(types[name].dtype) for name, value in given.items()})
        for part in file.rings:
            one, two = (results[f"{part.name}_written"].float() for results in (expected, actual))
            assert (one - two).abs().max() <= ROUNDINGS * 2.0**-bits * one.abs().max()
        codes = expected["state_1_next"] == actual["state_1_next"]
        same = codes.flatten(1).all(dim=1)
        equal.append(codes.float().mean().item())
        if same.any():
            distance = (expected["pose"] - actual["pose"])[same].abs().max()
            assert distance <= ROUNDINGS * 2.0**-bits * expected["pose"].abs().max()
        for part in file.state:
            kept[part.name] = expected[f"{part.name}_next"]
        for part in file.rings:
            slot = step % part.initial.shape[1]
            kept[part.name][:, :, slot] = expected[f"{part.name}_written"]
    assert np.mean(equal) > 0.9


def test_torch_computes_nearly_the_same(
    weights: Weights, content: bytes, dtype: torch.dtype
) -> None:
    graph = TorchGraph(content, CPU)
    _assert_near(weights, content, lambda given: graph(given.__getitem__), BITS[dtype])


def test_onnxruntime_computes_nearly_the_same(weights: Weights) -> None:
    """It has no kernels for bfloat16."""
    content = half_precision(weights.networks["predictor"].content, torch.float16)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_outputs()]

    def run(given: Kept) -> Kept:
        results = session.run(names, {name: value.numpy() for name, value in given.items()})
        return dict(zip(names, map(torch.from_numpy, results), strict=True))

    _assert_near(weights, content, run, BITS[torch.float16])
