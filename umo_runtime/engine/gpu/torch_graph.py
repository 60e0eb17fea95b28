"""An ONNX graph as a torch function.

Shapes are Python integers and constants lie on the device before the first call, so a call never
waits for the device and can be captured in a CUDA graph.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.torch_operators import (
    DTYPES,
    LISTED,
    NUMBERS,
    OPERATORS,
    SHAPE_OPERATORS,
)
from umo_runtime.errors import WeightsError

_USE_ONNXRUNTIME = "use the onnxruntime backend"


@dataclass(frozen=True, slots=True)
class _Node:
    """One operator with its constants in place.

    Attributes:
        function: takes the inputs in order, attributes by name.
        attributes: of the node.
        arguments: the inputs; None where one is missing or a value comes in.
        values: place and name of each input that is computed.
        outputs: names.
        spent: values that no later node needs.
    """

    function: Callable[..., Any]
    attributes: dict[str, Any]
    arguments: tuple[Any, ...]
    values: tuple[tuple[int, str], ...]
    outputs: tuple[str, ...]
    spent: tuple[str, ...]

    def run(self, value: Callable[[str], Any]) -> Sequence[Any]:
        arguments = list(self.arguments)
        for place, name in self.values:
            arguments[place] = value(name)
        results: Any = self.function(*arguments, **self.attributes)
        return results if isinstance(results, tuple) else (results,)


class TorchGraph:
    """Runs an ONNX graph on one device.

    Args:
        content: the ONNX file.
        device: where it runs.

    Attributes:
        inputs: what it takes, by name.
        outputs: what it gives, by name.

    Raises:
        WeightsError: it is no ONNX file, or uses an operator that is not known here.
    """

    def __init__(self, content: bytes, device: torch.device) -> None:
        try:
            graph = onnx.load_from_string(content).graph
        except Exception as error:  # protobuf's own kinds, which differ between its versions
            raise WeightsError(
                f"onnx cannot read a network ({' '.join(str(error).split())}); "
                "run: pip install -U onnx"
            ) from error
        self.inputs: Mapping[str, TensorType] = _types(graph.input)
        self.outputs: Mapping[str, TensorType] = _types(graph.output)
        self._nodes, self._constants = _compile(graph, device)

    def __call__(self, fetch: Callable[[str], Tensor]) -> dict[str, Tensor]:
        """Compute the outputs, by name.

        Args:
            fetch: gives an input by name; asked once, when it is first needed, so that not all
                inputs need memory at a time.
        """
        values: dict[str, Any] = dict(self._constants)

        def value(name: str) -> Any:
            if name not in values:
                values[name] = fetch(name)
            return values[name]

        for node in self._nodes:
            values.update(zip(node.outputs, node.run(value), strict=False))
            for name in node.spent:
                values.pop(name, None)
        return {name: value(name) for name in self.outputs}


def _compile(graph: onnx.GraphProto, device: torch.device) -> tuple[list[_Node], dict[str, Tensor]]:
    """Nodes left when everything constant is computed, and the outputs that are constant."""
    constants = {part.name: _constant(part) for part in graph.initializer}
    placed: dict[str, Tensor] = {}  # a constant of many nodes lies on the device once
    listed, wanted = _listed_values(graph), {value.name for value in graph.output}
    last_use = {name: at for at, node in enumerate(graph.node) for name in node.input}

    def argument(kind: str, place: int, name: str, is_shape: bool, is_constant: bool) -> Any:
        if name not in constants:
            return None
        given = constants[name]
        is_number = place in NUMBERS.get(kind, ()) and given.ndim == 0
        if is_shape or is_number or place in LISTED.get(kind, ()):
            return given.tolist()
        if is_constant:
            return given
        if name not in placed:
            placed[name] = given.to(device)
        return placed[name]

    nodes: list[_Node] = []
    for at, proto in enumerate(graph.node):
        kind, names = proto.op_type, list(enumerate(proto.input))
        is_constant = all(name in constants for _, name in names if name)
        is_shape = not is_constant and not listed.isdisjoint(proto.output)
        node = _Node(
            _operator(kind, SHAPE_OPERATORS if is_shape else OPERATORS),
            {part.name: _attribute(part) for part in proto.attribute},
            tuple(argument(kind, place, name, is_shape, is_constant) for place, name in names),
            tuple((place, name) for place, name in names if name and name not in constants),
            tuple(proto.output),
            tuple(
                name
                for name in {*proto.input, *proto.output} - wanted
                if last_use.get(name, at) == at
            ),
        )
        if is_constant:
            constants.update(zip(node.outputs, node.run(constants.__getitem__), strict=False))
        else:
            nodes.append(node)
    return nodes, {name: constants[name].to(device) for name in wanted if name in constants}


def _listed_values(graph: onnx.GraphProto) -> set[str]:
    """Values that decide shapes: lists of Python numbers, computed from shapes alone."""
    makers = {name: node for node in graph.node for name in node.output}
    pending = [
        node.input[place]
        for node in graph.node
        for place in LISTED.get(node.op_type, ())
        if place < len(node.input)
    ]
    inputs, found = {value.name for value in graph.input}, set[str]()
    while pending:
        name = pending.pop()
        if name in inputs:
            raise WeightsError(
                f"the torch backend cannot run a network whose shapes depend on {name}; "
                f"{_USE_ONNXRUNTIME}"
            )
        if name in makers and name not in found:
            found.add(name)
            pending += [] if makers[name].op_type == "Shape" else makers[name].input
    return found


def _operator(name: str, known: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    try:
        return known[name]
    except KeyError:
        raise WeightsError(
            f"the torch backend does not know the operator {name}; {_USE_ONNXRUNTIME}"
        ) from None


def _constant(part: onnx.TensorProto) -> Tensor:
    array = numpy_helper.to_array(part)
    if part.data_type == onnx.TensorProto.BFLOAT16:  # numpy has no such type of its own
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(array.copy())  # the file's memory is read-only


def _types(values: Iterable[onnx.ValueInfoProto]) -> dict[str, TensorType]:
    kinds = {value.name: value.type.tensor_type for value in values}
    return {
        name: TensorType(DTYPES[kind.elem_type], tuple(d.dim_value for d in kind.shape.dim[1:]))
        for name, kind in kinds.items()
    }


def _attribute(part: onnx.AttributeProto) -> Any:
    value = onnx.helper.get_attribute_value(part)
    return value.decode() if isinstance(value, bytes) else value
