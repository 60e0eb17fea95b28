from collections.abc import Sequence
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
from umo_runtime.nn.window_attention import write_ring

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
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        bundle.folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
    )
    kept = [part.expand(batch, *part.shape[1:]).clone() for part in (*spec.state, *spec.rings)]
    expected_kept = [part.clone() for part in kept]
    for step in range(STEPS):
        inputs = _inputs(name, batch, step)
        expected = spec.step(*inputs.values(), *expected_kept)
        feed = zip(spec.input_names, (*inputs.values(), *kept), strict=True)
        results = session.run(spec.output_names, {key: value.numpy() for key, value in feed})
        for result, wanted, label in zip(results, expected, spec.output_names, strict=True):
            assert result.dtype == wanted.numpy().dtype, label
            if result.dtype == np.int64:
                np.testing.assert_array_equal(result, wanted, err_msg=label)
            else:
                np.testing.assert_allclose(result, wanted, atol=BOUND, rtol=0, err_msg=label)
        after = [torch.from_numpy(result) for result in results[len(spec.outputs) :]]
        _keep(spec, kept, after, step)
        _keep(spec, expected_kept, expected[len(spec.outputs) :], step)


def _keep(
    spec: NetworkSpec, kept: list[torch.Tensor], after: Sequence[torch.Tensor], step: int
) -> None:
    """Replace the state; write into the rings, which follow it."""
    kept[: len(spec.state)] = after[: len(spec.state)]
    rings = zip(kept[len(spec.state) :], after[len(spec.state) :], strict=True)
    for ring, written in rings:
        write_ring(ring, written, torch.full((len(ring),), step))


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


@pytest.mark.parametrize("name", NETWORKS)
def test_no_ring_is_copied(bundle: TinyBundle, name: str) -> None:
    """A file reads rings and gives back a step of each: what it writes is a step wide."""
    graph = _graph(bundle, name).graph
    assert not [node.op_type for node in graph.node if "Scatter" in node.op_type]
    shapes = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim[1:]]
        for value in (*graph.input, *graph.output)
    }
    rings = [part for part in shapes if part.startswith("ring_") and "written" not in part]
    assert len(rings) == (2 * TINY.num_layers if name == "predictor" else 0)
    for ring in rings:
        heads, window, *step = shapes[ring]
        assert window == TINY.window_steps
        assert shapes[f"{ring}_written"] == [heads, *step]


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
