"""An exported network with its matrix products in half precision.

Operands and results of matrix products are half, and so are the rings, which matrix products read
and write. Everything else, such as sums, norms, softmax and the drawing of codes, stays float32.
"""

import re

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from umo_runtime.types import FloatArray

_PRODUCTS = {"Attention", "Einsum", "Gemm", "MatMul"}
_NOT_BFLOAT16 = {"Einsum"}  # by the ONNX specification
# They move numbers and compute nothing: halves in, halves out. The first input alone is moved,
# all of them in a Concat.
_LAYOUT = {
    "Concat",
    "Expand",
    "Gather",
    "Identity",
    "Reshape",
    "Slice",
    "Split",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}
_RING = re.compile(r"ring_\d+(_written)?")
_TYPES = {torch.float16: TensorProto.FLOAT16, torch.bfloat16: TensorProto.BFLOAT16}


def half_precision(content: bytes, dtype: torch.dtype) -> bytes:
    """Rewrite an exported network.

    Args:
        content: the ONNX file: float32 arithmetic, large weights stored in half precision.
        dtype: of matrix products and rings, torch.float16 or torch.bfloat16.

    Returns:
        The ONNX file; its inputs and outputs keep their types, rings excepted.
    """
    model = onnx.load_from_string(content)
    _Rewriting(model.graph, dtype).apply()
    return bytes(model.SerializeToString())


class _Rewriting:
    """A graph in the making, of which any value may be wanted in full and in half precision.

    Args:
        graph: changed by `apply`.
        dtype: the half one.
    """

    def __init__(self, graph: onnx.GraphProto, dtype: torch.dtype) -> None:
        self._graph, self._dtype = graph, dtype
        self._products = _PRODUCTS - (_NOT_BFLOAT16 if dtype is torch.bfloat16 else set())
        self._constants: dict[str, FloatArray] = {}
        self._halves: set[str] = set()  # values that are half where they come from
        self._made: set[str] = set()
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []

    def apply(self) -> None:
        graph = self._graph
        stored = {tensor.name for tensor in graph.initializer}
        for tensor in graph.initializer:
            if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
                self._constants[tensor.name] = numpy_helper.to_array(tensor).astype(np.float32)
            else:
                self._initializers.append(tensor)
        for value in graph.input:
            self._come_in(value)
        for node in graph.node:
            if node.op_type == "Cast" and node.input[0] in stored:
                self._constants[node.output[0]] = self._constants[node.input[0]]
                self._halves.add(node.output[0])
            else:
                self._rewrite(node)
        for value in graph.output:
            self._go_out(value)
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self._nodes)
        graph.initializer.extend(self._initializers)

    def _come_in(self, value: onnx.ValueInfoProto) -> None:
        self._made.add(value.name)
        if _RING.fullmatch(value.name):
            value.type.tensor_type.elem_type = _TYPES[self._dtype]
            self._halves.add(value.name)

    def _go_out(self, value: onnx.ValueInfoProto) -> None:
        is_ring = bool(_RING.fullmatch(value.name))
        if is_ring:
            value.type.tensor_type.elem_type = _TYPES[self._dtype]
        self._ask(value.name, half=is_ring)

    def _rewrite(self, node: onnx.NodeProto) -> None:
        moved = node.input if node.op_type == "Concat" else node.input[:1]
        is_product = node.op_type in self._products
        moves_half = node.op_type in _LAYOUT | {"Shape"} and self._halves.issuperset(moved)
        gives_half = is_product or (moves_half and node.op_type != "Shape")
        changed = onnx.NodeProto()
        changed.CopyFrom(node)
        for place, name in enumerate(node.input):
            if name:
                changed.input[place] = self._ask(name, is_product or (moves_half and name in moved))
        for place, name in enumerate(node.output):
            changed.output[place] = _name(name, gives_half)
            self._made.add(changed.output[place])
        if gives_half:
            self._halves.update(node.output)
        self._nodes.append(changed)

    def _ask(self, value: str, half: bool) -> str:
        """Name of a value in the wanted precision; made where it is missing."""
        name = _name(value, half)
        if name in self._made:
            return name
        if value in self._constants:
            self._initializers.append(self._constant(name, self._constants[value], half))
        elif (source := _name(value, not half)) in self._made:
            to = _TYPES[self._dtype] if half else TensorProto.FLOAT
            self._nodes.append(helper.make_node("Cast", [source], [name], to=to))
        self._made.add(name)  # the rest are whole numbers, which have one name
        return name

    def _constant(self, name: str, array: FloatArray, half: bool) -> onnx.TensorProto:
        tensor = torch.from_numpy(array)
        if not half:
            return numpy_helper.from_array(array, name)
        raw = tensor.to(self._dtype).view(torch.int16).numpy().tobytes()
        return helper.make_tensor(name, _TYPES[self._dtype], array.shape, raw, raw=True)


def _name(value: str, half: bool) -> str:
    """Rings, which go by their own names in half precision, are the other way round."""
    if bool(_RING.fullmatch(value)) == half:
        return value
    return f"{value}.half" if half else f"{value}.float"
