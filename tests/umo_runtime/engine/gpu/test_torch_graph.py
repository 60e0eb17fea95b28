"""Operators against ONNX Runtime, and what the graph refuses."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.gpu.torch_operators import OPERATORS, SHAPE_OPERATORS
from umo_runtime.engine.weights import NETWORK_NAMES, bundled_folder, load_weights
from umo_runtime.errors import WeightsError

Array = npt.NDArray[Any]
CPU = torch.device("cpu")
X = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
Y = np.random.default_rng(1).uniform(0.1, 0.9, size=(3, 4, 5)).astype(np.float32)
CODES = np.array([[0, -1], [2, 1], [1, 0]])


def _ints(*values: int) -> Array:
    return np.array(values, np.int64)


def _model(*nodes: onnx.NodeProto, constants: dict[str, Array], **inputs: Array) -> bytes:
    def info(name: str, array: Array) -> onnx.ValueInfoProto:
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor_value_info(name, kind, ["batch", *array.shape[1:]])

    graph = helper.make_graph(
        nodes,
        "graph",
        [info(name, array) for name, array in inputs.items()],
        [helper.make_empty_tensor_value_info(nodes[-1].output[-1])],  # its type is inferred
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=10)
    return bytes(onnx.shape_inference.infer_shapes(model, strict_mode=True).SerializeToString())


def _assert_equal(content: bytes, **inputs: Array) -> None:
    expected = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(
        None, inputs
    )
    with torch.inference_mode():
        actual = TorchGraph(content, CPU)(lambda name: torch.from_numpy(inputs[name]))
    for one, two in zip(actual.values(), expected, strict=True):
        assert one.numpy().dtype == two.dtype
        np.testing.assert_allclose(one.numpy(), two, atol=1e-5, rtol=1e-5)


CASES: list[tuple[str, tuple[Array, ...], tuple[Array | None, ...], dict[str, Any]]] = [
    # operator, inputs, constants after them, attributes
    *((name, (X,), (), {}) for name in ("Abs", "Atan", "Cos", "Sin", "Neg", "Identity")),
    *((name, (Y,), (), {}) for name in ("Asin", "Log", "Sqrt", "Reciprocal")),
    *((name, (X, Y), (), {}) for name in ("Add", "Sub", "Mul", "Div", "Max", "Min")),
    *((name, (X, Y), (), {}) for name in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual")),
    ("Max", (X, Y, -X), (), {}),
    ("Equal", (CODES, CODES[::-1].copy()), (), {}),
    ("Div", (CODES - 5, CODES + 2), (), {}),
    ("Mod", (CODES - 5, CODES + 2), (), {}),
    ("Mod", (X, Y), (), {"fmod": 1}),
    ("And", (X > 0, Y > 0.5), (), {}),
    ("Not", (X > 0,), (), {}),
    ("Where", (X > 0, X, Y), (), {}),
    ("Pow", (Y,), (np.float32(2),), {}),
    ("Pow", (Y, Y), (), {}),
    ("Cast", (X,), (), {"to": TensorProto.INT64}),
    ("Cast", (X,), (), {"to": TensorProto.BOOL}),
    ("Clip", (X,), (np.float32(-0.5), np.float32(0.5)), {}),
    ("Clip", (X,), (None, np.float32(0.5)), {}),
    ("Clip", (X,), (), {}),
    ("MatMul", (X, Y.transpose(0, 2, 1).copy()), (), {}),
    ("Gemm", (X[0],), (Y[0],), {"transB": 1}),
    ("Gemm", (X[0],), (Y[1], Y[0, 0]), {"transA": 1, "alpha": 0.5, "beta": 2.0}),
    ("Einsum", (X, Y), (), {"equation": "abc,abd->acd"}),
    ("Gelu", (X,), (), {}),
    ("Gelu", (X,), (), {"approximate": "tanh"}),
    ("LayerNormalization", (X,), (Y[0, 0], X[0, 0]), {"epsilon": 1e-4}),
    ("LayerNormalization", (X,), (Y[0],), {"axis": 1}),
    ("Softmax", (X,), (), {"axis": 1}),
    ("Attention", (X[:, :, None], Y[:, :2, None], Y[:, 2:, None]), (), {}),
    ("Attention", (X[:, None], Y[:, None], X[:, None]), (), {"is_causal": 1, "scale": 0.3}),
    ("Attention", (X[:, None, :1], Y[:, None], X[:, None]), (), {}),
    ("Concat", (X, Y), (), {"axis": -1}),
    ("Transpose", (X,), (), {"perm": [2, 0, 1]}),
    ("Reshape", (X,), (_ints(0, -1),), {}),
    ("Reshape", (X,), (_ints(-1, 2, 10),), {"allowzero": 1}),
    ("Slice", (X,), (_ints(1), _ints(2**63 - 1), _ints(2), _ints(2)), {}),
    ("Slice", (X,), (_ints(0, -3), _ints(2, -1)), {}),
    ("Split", (X,), (_ints(1, 2, 2),), {"axis": 2}),
    ("Split", (X,), (), {"axis": -1, "num_outputs": 3}),
    ("Unsqueeze", (X,), (_ints(-1, 0),), {}),
    ("Squeeze", (X[:, :, :1],), (_ints(-1),), {}),
    ("Squeeze", (X[:, :, :1],), (), {}),
    ("Expand", (X[:, :1],), (_ints(2, 1, 4, 1),), {}),
    ("Tile", (X,), (_ints(1, 2, 3),), {}),
    ("Gather", (X,), (_ints(3, -1),), {"axis": 1}),
    ("Gather", (X,), (np.array(-2),), {"axis": -1}),
    ("Gather", (X, CODES), (), {"axis": 2}),
    ("GatherND", (X, CODES), (), {}),
    ("CumSum", (X,), (np.array(-1),), {}),
    *(
        (name, (X,), (axes,), {"keepdims": keep})
        for name in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2")
        for axes, keep in ((_ints(-1), 0), (_ints(0, 2), 1), (None, 1))
    ),
    ("ReduceSum", (X,), (), {"noop_with_empty_axes": 1}),
    ("ArgMax", (X,), (), {"axis": -1}),
    ("ArgMin", (X,), (), {"axis": 1, "keepdims": 0}),
]


@pytest.mark.parametrize(("name", "inputs", "constants", "attributes"), CASES)
def test_operator_equals_onnxruntime(
    name: str,
    inputs: tuple[Array, ...],
    constants: tuple[Array | None, ...],
    attributes: dict[str, Any],
) -> None:
    given = {f"input_{at}": array for at, array in enumerate(inputs)}
    fixed = {f"constant_{at}": np.asarray(array) for at, array in enumerate(constants)}
    places = [key if constants[at] is not None else "" for at, key in enumerate(fixed)]
    kept = {key: fixed[key] for key in places if key}
    node = helper.make_node(name, [*given, *places], ["output"], **attributes)
    if name == "Split":
        node.output.extend(["second", "third"])
    _assert_equal(_model(node, constants=kept, **given), **given)


def test_every_operator_is_tested() -> None:
    assert {case[0] for case in CASES} == set(OPERATORS)


def test_shapes_follow_the_batch_and_half_precision_is_cast_once() -> None:
    nodes = [
        helper.make_node("Cast", ["half"], ["single"], to=TensorProto.FLOAT),
        helper.make_node("Shape", ["x"], ["batch"], start=0, end=1),
        helper.make_node("Concat", ["batch", "one"], ["wanted"], axis=0),
        helper.make_node("Expand", ["single", "wanted"], ["expanded"]),
        helper.make_node("Add", ["x", "expanded"], ["output"]),
    ]
    constants = {"half": np.arange(5, dtype=np.float16), "one": _ints(1)}
    content = _model(*nodes, constants=constants, x=X[:, 0])
    for batch in (1, 2, 3):
        _assert_equal(content, x=X[:batch, 0])


def test_a_constant_may_be_an_output() -> None:
    _assert_equal(_model(helper.make_node("Abs", ["c"], ["y"]), constants={"c": X}, x=X), x=X)


def test_an_input_is_asked_for_once_and_when_it_is_needed() -> None:
    nodes = [
        helper.make_node("Sin", ["x"], ["a"]),
        helper.make_node("Add", ["a", "x"], ["b"]),
        helper.make_node("Add", ["b", "y"], ["output"]),
    ]
    asked: list[str] = []

    def fetch(name: str) -> torch.Tensor:
        asked.append(name)
        return torch.from_numpy(X)

    TorchGraph(_model(*nodes, constants={}, y=X, x=X), CPU)(fetch)
    assert asked == ["x", "y"]


def _assert_refused(content: bytes, message: str) -> None:
    with pytest.raises(WeightsError, match=message) as info:
        TorchGraph(content, CPU)
    assert "\n" not in str(info.value)


def test_an_unknown_operator() -> None:
    content = _model(helper.make_node("Tan", ["x"], ["output"]), constants={}, x=X)
    _assert_refused(content, "does not know the operator Tan; use the onnxruntime backend")


def test_a_shape_that_depends_on_what_comes_in() -> None:
    node = helper.make_node("Reshape", ["x", "shape"], ["output"])
    content = _model(node, constants={}, x=X, shape=_ints(3, 20))
    _assert_refused(content, "whose shapes depend on shape; use the onnxruntime backend")


@pytest.mark.parametrize("content", [b"no such network", b"\x00" * 9])
def test_content_that_is_no_network(content: bytes) -> None:
    _assert_refused(content, "onnx cannot read a network .*; run: pip install -U onnx")


@pytest.mark.parametrize("name", NETWORK_NAMES)
@pytest.mark.parametrize("is_bundled", [False, True])
def test_every_operator_of_the_networks_is_known(
    bundle: TinyBundle, is_bundled: bool, name: str
) -> None:
    weights = load_weights(bundled_folder() if is_bundled else bundle.folder)
    graph = onnx.load_from_string(weights.networks[name].content).graph
    assert {node.op_type for node in graph.node} <= {*OPERATORS, *SHAPE_OPERATORS}
