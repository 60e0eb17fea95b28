"""A network on torch with its operators fused into few kernels by TorchInductor."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.torch_graph import TorchGraph


class CompiledGraph:
    """See `DeviceGraph`. Compiles on its first call, for a minute, for all sizes of a batch.

    Args:
        graph: to compile.
    """

    def __init__(self, graph: TorchGraph) -> None:
        self.inputs: Mapping[str, TensorType] = graph.inputs
        self.outputs: Mapping[str, TensorType] = graph.outputs
        self._graph = graph
        self._compiled = torch.compile(self._flat, fullgraph=True)

    def __call__(self, fetch: Callable[[str], Tensor]) -> dict[str, Tensor]:
        """Compute the outputs [B, ...], by name; see `DeviceGraph`."""
        tensors = [fetch(name) for name in self.inputs]
        if len(tensors[0]) == 1:  # the compiler takes a size of 1 for a constant
            return self._graph(dict(zip(self.inputs, tensors, strict=True)).__getitem__)
        for tensor in tensors:
            torch._dynamo.mark_dynamic(tensor, 0)
        # The compiler would take what differs between two networks for something that varies.
        with torch._dynamo.config.patch(automatic_dynamic_shapes=False):
            return dict(zip(self.outputs, self._compiled(*tensors), strict=True))

    def _flat(self, *tensors: Tensor) -> list[Tensor]:
        results = self._graph(dict(zip(self.inputs, tensors, strict=True)).__getitem__)
        return [results[name] for name in self.outputs]
