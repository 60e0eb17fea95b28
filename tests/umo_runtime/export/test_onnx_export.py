from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from tests.umo_runtime.predictor.tiny_networks import TINY, poses_near_rest
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.export.networks import (
    NetworkSpec,
    interpolator_spec,
    predictor_spec,
    tokenizer_spec,
)
from umo_runtime.export.onnx_export import OPSET, _store_half, _strip_traces

NETWORKS = ("tokenizer", "predictor", "interpolator")
BOUND = 1e-4
STEPS = 2 * TINY.window_steps + 2  # the ring of the predictor goes round twice


def _spec(bundle: TinyBundle, name: str) -> NetworkSpec:
    networks = bundle.networks
    if name == "tokenizer":
        return tokenizer_spec(networks.tokenizer)
    if name == "predictor":
        motion = networks.predictor.motion
        return predictor_spec(networks.predictor, motion.encode(motion.rest))
    return interpolator_spec(networks.interpolator, TINY.audio_channels)


def _inputs(name: str, batch: int, step: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(step)
    if name == "tokenizer":
        return {"windows": 0.2 * torch.randn(batch, 4, 400, generator=generator)}
    if name == "predictor":
        audio = torch.randint(TINY.audio_codes, (batch, 4, TINY.audio_levels), generator=generator)
        text = torch.randint(TINY.text_codes, (batch, TINY.text_slots), generator=generator)
        controls = torch.rand(batch, CONTROL_DIM, generator=generator)
        uniforms = torch.rand(batch, 4 * TINY.motion_levels, generator=generator)
        return {"audio": audio, "text": text, "controls": controls, "uniforms": uniforms}
    return {
        "previous": poses_near_rest(batch, step // 4),
        "following": poses_near_rest(batch, step // 4 + 1),
        "phase": torch.full((batch,), step % 4 / 4),
        "features": torch.randn(batch, TINY.audio_channels, generator=generator),
        "controls": torch.rand(batch, CONTROL_DIM, generator=generator),
    }


def _graph(bundle: TinyBundle, name: str) -> onnx.ModelProto:
    return onnx.load(bundle.folder / f"{name}.onnx")


@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("name", NETWORKS)
def test_file_equals_network_over_many_steps(bundle: TinyBundle, name: str, batch: int) -> None:
    spec = _spec(bundle, name)
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(
        bundle.folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
    )
    names = (*spec.outputs, *(f"{state}_next" for state in spec.state_names))
    expected_state = tuple(part.expand(batch, *part.shape[1:]).clone() for part in spec.state)
    state = [part.numpy() for part in expected_state]
    for step in range(STEPS):
        inputs = _inputs(name, batch, step)
        expected = spec.step(*inputs.values(), *expected_state)
        feed = {key: value.numpy() for key, value in inputs.items()}
        results = session.run(names, feed | dict(zip(spec.state_names, state, strict=True)))
        for result, wanted, label in zip(results, expected, names, strict=True):
            assert result.dtype == wanted.numpy().dtype, label
            if result.dtype == np.int64:
                np.testing.assert_array_equal(result, wanted, err_msg=label)
            else:
                np.testing.assert_allclose(result, wanted, atol=BOUND, rtol=0, err_msg=label)
        state = results[len(spec.outputs) :]
        expected_state = expected[len(spec.outputs) :]


@pytest.mark.parametrize("name", NETWORKS)
def test_files_are_valid_self_contained_opset_24(bundle: TinyBundle, name: str) -> None:
    model = _graph(bundle, name)
    onnx.checker.check_model(model, full_check=True)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", OPSET)]
    assert OPSET == 24
    assert not model.functions
    assert not any(tensor.external_data for tensor in model.graph.initializer)


@pytest.mark.parametrize("name", NETWORKS)
def test_only_the_batch_is_dynamic(bundle: TinyBundle, name: str) -> None:
    for value in (*_graph(bundle, name).graph.input, *_graph(bundle, name).graph.output):
        first, *others = value.type.tensor_type.shape.dim
        assert first.dim_param == "batch", value.name
        assert all(dim.dim_value > 0 for dim in others), value.name


def test_every_cache_write_is_a_tensor_scatter(bundle: TinyBundle) -> None:
    nodes = _graph(bundle, "predictor").graph.node
    kinds = Counter(node.op_type for node in nodes)
    assert kinds["TensorScatter"] == 2 * TINY.num_layers
    assert not {kind for kind in kinds if kind.startswith("Scatter")}
    for node in nodes:
        if node.op_type == "TensorScatter":
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            assert attributes == {"axis": 2, "mode": b"linear"}


@pytest.mark.parametrize("name", NETWORKS)
def test_files_say_nothing_of_the_machine_that_made_them(bundle: TinyBundle, name: str) -> None:
    content = (bundle.folder / f"{name}.onnx").read_bytes()
    here = (b"/work", b"/root", b"site-packages", b".py", str(Path.cwd()).encode())
    assert not [trace for trace in here if trace in content]
    model = _graph(bundle, name)
    for item in (model, model.graph, *model.graph.node, *model.graph.value_info):
        assert not item.doc_string
        assert not item.metadata_props


@pytest.mark.parametrize("name", NETWORKS)
def test_large_weights_are_stored_in_half_precision(bundle: TinyBundle, name: str) -> None:
    tensors = _graph(bundle, name).graph.initializer
    kinds = {tensor.data_type for tensor in tensors if np.prod(tensor.dims) >= 1024}
    assert kinds <= {TensorProto.FLOAT16, TensorProto.INT64}
    assert TensorProto.FLOAT16 in kinds


def _model(elements: int) -> onnx.ModelProto:
    """y = x + w, with notes all over."""
    weight = np.random.default_rng(0).normal(size=elements).astype(np.float32)
    node = helper.make_node("Add", ["x", "w"], ["y"], doc_string="from /home/me/secret.py")
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node],
        "sum",
        [value("x", TensorProto.FLOAT, [elements])],
        [value("y", TensorProto.FLOAT, [elements])],
        [numpy_helper.from_array(weight, "w")],
        doc_string="note",
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.metadata_props.add(key="path", value="/home/me")
    return model


@pytest.mark.parametrize(("elements", "is_half"), [(1023, False), (1024, True)])
def test_half_storage_rounds_large_tensors_only(elements: int, is_half: bool) -> None:
    model = _model(elements)
    weight = numpy_helper.to_array(model.graph.initializer[0])
    _store_half(model.graph)
    onnx.checker.check_model(model, full_check=True)
    (stored,) = model.graph.initializer
    assert (stored.data_type == TensorProto.FLOAT16) == is_half
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (y,) = session.run(None, {"x": np.zeros(elements, np.float32)})
    np.testing.assert_array_equal(y, weight.astype(np.float16) if is_half else weight)


def test_stripping_leaves_the_computation() -> None:
    model = _model(8)
    _strip_traces(model)
    assert b"me" not in model.SerializeToString()
    assert [node.op_type for node in model.graph.node] == ["Add"]
