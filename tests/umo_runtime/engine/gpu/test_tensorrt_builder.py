"""The real networks compiled by TensorRT, which needs no GPU for that where it is for RTX cards."""

from typing import Any

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.half_precision import half_precision
from umo_runtime.engine.gpu.tensorrt_builder import Build, build_engine
from umo_runtime.engine.gpu.tensorrt_graph import DTYPES
from umo_runtime.engine.gpu.tensorrt_library import tensorrt
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import NETWORK_NAMES, bundled_folder, load_weights
from umo_runtime.errors import MissingExtraError, WeightsError

pytestmark = pytest.mark.tensorrt
CPU = torch.device("cpu")
MOST = 1024
VARIANTS = [(name, None) for name in NETWORK_NAMES] + [
    ("predictor", torch.float16),
    ("predictor", torch.bfloat16),
]
# More layers than nodes, as one node may become several; a loop or a plugin would be far off.
LAYERS_PER_NODE = (1.0, 5.0)


@pytest.fixture(autouse=True, scope="module")
def library() -> Any:
    try:
        return tensorrt()
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=VARIANTS, ids=str)
def content(request: pytest.FixtureRequest) -> bytes:
    name, dtype = request.param
    content = load_weights(bundled_folder()).networks[name].content
    return half_precision(content, dtype) if dtype else content


def test_the_networks_are_read_as_they_are(content: bytes, library: Any) -> None:
    build = Build(content, MOST, tf32=False)
    network, expected = build.network, TorchGraph(content, CPU)

    def types(tensors: list[Any]) -> dict[str, TensorType]:
        assert all(tensor.shape[0] == -1 for tensor in tensors)
        return {
            tensor.name: TensorType(DTYPES[tensor.dtype.name], tuple(tensor.shape)[1:])
            for tensor in tensors
        }

    inputs = types([network.get_input(at) for at in range(network.num_inputs)])
    assert inputs == expected.inputs
    outputs = types([network.get_output(at) for at in range(network.num_outputs)])
    assert outputs == expected.outputs
    for name, kind in inputs.items():
        batches = [(batch, *kind.shape) for batch in (1, MOST, MOST)]
        assert [tuple(shape) for shape in build.profile.get_shape(name)] == batches
    assert build.config.num_optimization_profiles == 1
    nodes = len(onnx.load_from_string(content).graph.node)
    assert LAYERS_PER_NODE[0] < network.num_layers / nodes < LAYERS_PER_NODE[1]
    kinds = {network.get_layer(at).type for at in range(network.num_layers)}
    assert not kinds & {
        getattr(library.LayerType, name, None)
        for name in ("LOOP_OUTPUT", "CONDITION", "NON_ZERO", "PLUGIN_V3")
    }


def test_tf32_is_a_choice(library: Any) -> None:
    content = load_weights(bundled_folder()).networks["tokenizer"].content
    for tf32 in (False, True):
        assert Build(content, 2, tf32).config.get_flag(library.BuilderFlag.TF32) is tf32


def test_the_tokenizer_is_compiled() -> None:
    content = load_weights(bundled_folder()).networks["tokenizer"].content
    reports: list[str] = []
    engine = build_engine(content, MOST, reports.append)
    assert len(engine) > len(content)
    assert reports[0] == "reading" and reports[1].startswith("compiling ")


def _unknown_operator() -> bytes:
    info = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3]) for name in ("x", "y")
    ]
    node = helper.make_node("Unheard", ["x"], ["y"], domain="nobody")
    graph = helper.make_graph([node], "graph", info[:1], info[1:])
    domains = [helper.make_opsetid("", 20), helper.make_opsetid("nobody", 1)]
    return bytes(helper.make_model(graph, opset_imports=domains).SerializeToString())


@pytest.mark.parametrize(
    ("content_", "reason"),
    [(b"no network", "Failed to parse"), (_unknown_operator(), "Unheard")],
    ids=["garbage", "operator"],
)
def test_what_cannot_be_read(content_: bytes, reason: str) -> None:
    with pytest.raises(WeightsError, match=reason) as caught:
        build_engine(content_, 8, lambda doing: None)
    assert "\n" not in str(caught.value) and "use the torch backend" in str(caught.value)
