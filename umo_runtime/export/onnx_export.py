"""PyTorch steps to ONNX files: dynamic batch."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from umo_runtime.export.networks import NetworkSpec

OPSET = 24
_HALF_FROM_ELEMENTS = 1024  # smaller tensors stay in full precision


def export_network(spec: NetworkSpec, path: Path) -> None:
    """Write one network step, large weights stored in half precision.

    Runtimes fold the casts when they load the file, so computation stays in float32.
    """
    batch = torch.export.Dim("batch", min=1, max=65536)
    example = spec.example()
    program = torch.onnx.export(
        spec.step.eval(),
        example,
        dynamo=True,
        opset_version=OPSET,
        input_names=spec.input_names,
        output_names=spec.output_names,
        dynamic_shapes={"tensors": tuple({0: batch} for _ in example)},
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    _store_half(model.graph)
    _strip_traces(model)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _store_half(graph: onnx.GraphProto) -> None:
    """Turn large float32 initializers into float16 ones with a cast behind each."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _HALF_FROM_ELEMENTS:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        half = numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _strip_traces(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes on each node: source lines of its machine, and megabytes."""
    for item in (model.graph, *model.graph.node, *model.graph.value_info, *model.functions):
        item.doc_string = ""
        del item.metadata_props[:]
    del model.metadata_props[:]
