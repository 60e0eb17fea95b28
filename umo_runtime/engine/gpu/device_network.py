"""One network on a device, and what its streams keep there."""

from collections.abc import Mapping

import torch
from torch import Tensor

from umo_runtime.engine.gpu.device_graph import DeviceGraph
from umo_runtime.engine.weights import NetworkFile


class DeviceNetwork:
    """Rows of state, and steps that change some of them; nothing here waits for the device.

    Args:
        file: the exported network.
        graph: runs it.
        rows: of state, the spare one among them.
        device: where the graph runs.

    Attributes:
        outputs: that are not state, by name.

    Raises:
        WeightsError: the graph is not what the manifest says.
    """

    def __init__(
        self, file: NetworkFile, graph: DeviceGraph, rows: int, device: torch.device
    ) -> None:
        shapes = {name: kind.shape for name, kind in graph.inputs.items()}
        file.check(shapes, graph.outputs)
        self._file, self._graph = file, graph
        self.outputs = {name: graph.outputs[name] for name in file.outputs}
        self._initial = {
            part.name: torch.from_numpy(part.initial).to(device, graph.inputs[part.name].dtype)
            for part in file.kept
        }
        self._kept = {
            name: initial.expand(rows, *initial.shape).clone()
            for name, initial in self._initial.items()
        }
        self._steps = torch.zeros(rows, dtype=torch.int64, device=device)

    def clear(self, rows: Tensor) -> None:
        """Put rows [B] into their initial state."""
        for name, initial in self._initial.items():
            self._kept[name][rows] = initial
        self._steps[rows] = 0

    def advance(self, rows: Tensor, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Step rows and return the network's outputs that are not state, [B, ...] each.

        Args:
            rows: [B]; different ones, but for the spare one.
            inputs: every input of the network that is not state, [B, ...] each.
        """
        kept = self._kept
        results = self._graph(
            lambda name: kept[name].index_select(0, rows) if name in kept else inputs[name]
        )
        for part in self._file.state:
            kept[part.name].index_copy_(0, rows, results[f"{part.name}_next"])
        steps = self._steps[rows]
        for part in self._file.rings:
            ring = kept[part.name]
            ring[rows, :, steps % ring.shape[2]] = results[f"{part.name}_written"]
        self._steps[rows] = steps + 1
        return {name: results[name] for name in self.outputs}
