"""A network on torch: one CUDA graph per batch size on a GPU, plain calls on a processor."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from umo_runtime.engine.backend import Array, check_description
from umo_runtime.engine.torch_graph import TensorType, TorchGraph
from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError
from umo_runtime.types import IntArray

_ROWS = "rows of the step"  # no network has an input of that name
_ALIGNMENT = 16  # bytes; enough for every type


class TorchBackend:
    """See `Backend`; a row's result depends on that row alone.

    A step runs as the next larger of the sizes 1, 2, 4 ... capacity; what is left over works on a
    spare row that nobody owns.

    Args:
        file: the exported network.
        capacity: rows.
        device: where the network runs and its state lies; default: a GPU if there is one.

    Raises:
        WeightsError: torch cannot run the network, or it is not what the manifest says.
    """

    @torch.inference_mode()
    def __init__(
        self, file: NetworkFile, capacity: int, device: torch.device | None = None
    ) -> None:
        device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._file = file
        self._initial = {part.name: torch.from_numpy(part.initial).to(device) for part in file.kept}
        # All rows, and the spare one.
        self._kept = {
            name: initial.expand(capacity + 1, *initial.shape).clone()
            for name, initial in self._initial.items()
        }
        self._steps = torch.zeros(capacity + 1, dtype=torch.int64, device=device)
        self._sizes = batch_sizes(capacity)
        try:
            self._graph = TorchGraph(file.content, device)
            self._batches = self._prepare(capacity, device)
        except (RuntimeError, TypeError, ValueError, LookupError) as error:
            reason = " ".join(str(error).split())
            raise WeightsError(
                f"the torch backend cannot run a network ({reason}); use the onnxruntime backend"
            ) from error

    def _prepare(self, spare: int, device: torch.device) -> dict[int, "_Batch"]:
        graph, file = self._graph, self._file
        shapes = {name: kind.shape for name, kind in graph.inputs.items()}
        check_description(file, shapes, graph.outputs)
        inputs = {name: graph.inputs[name] for name in file.inputs}
        inputs[_ROWS] = TensorType(torch.int64, ())
        outputs = {name: graph.outputs[name] for name in file.outputs}
        pool = torch.cuda.graph_pool_handle() if device.type == "cuda" else None
        batches = {}
        for size in reversed(self._sizes):  # the largest first: the others fit into its memory
            blocks = _Block(inputs, size, device), _Block(outputs, size, device)
            batches[size] = _Batch(*blocks, spare, self._advance)
            batches[size].prepare(pool)
        return batches

    @torch.inference_mode()
    def clear(self, row: int) -> None:
        """Put a row into its initial state."""
        for name, initial in self._initial.items():
            self._kept[name][row] = initial
        self._steps[row] = 0

    @torch.inference_mode()
    def step(self, rows: IntArray, inputs: Mapping[str, Array]) -> list[Array]:
        """Outputs [B, ...] of B different rows and their inputs [B, ...]."""
        size = self._sizes[bisect_left(self._sizes, len(rows))]
        return self._batches[size].step(rows, inputs)

    def _advance(self, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> None:
        """Step the rows that the inputs name; nothing here waits for the device."""
        rows, kept = inputs[_ROWS], self._kept
        results = self._graph(
            lambda name: kept[name].index_select(0, rows) if name in kept else inputs[name]
        )
        for name, output in outputs.items():
            output.copy_(results[name])
        for part in self._file.state:
            kept[part.name].index_copy_(0, rows, results[f"{part.name}_next"])
        steps = self._steps[rows]
        for part in self._file.rings:
            ring = kept[part.name]
            ring[rows, :, steps % ring.shape[2]] = results[f"{part.name}_written"]
        self._steps[rows] = steps + 1


def batch_sizes(capacity: int) -> list[int]:
    """Powers of two below the capacity, and the capacity: 6 gives 1, 2, 4, 6."""
    return [*(1 << power for power in range((capacity - 1).bit_length())), capacity]


class _Block:
    """Tensors [B, ...] of one batch size in one piece of memory: one copy moves them all.

    Attributes:
        memory: on the device; on a processor it is the host's.
        tensors: views of it, by name.
        host: the same bytes on the host.
        arrays: views of those, by name.
    """

    def __init__(self, types: Mapping[str, TensorType], batch: int, device: torch.device) -> None:
        ends = np.cumsum([0, *(_bytes(kind, batch) for kind in types.values())]).tolist()
        self.host = torch.zeros(ends[-1], dtype=torch.uint8, pin_memory=device.type == "cuda")
        self.memory = self.host.to(device)

        def views(memory: Tensor) -> dict[str, Tensor]:
            return {
                name: memory[start : start + _bytes(kind, batch, alignment=1)]
                .view(kind.dtype)
                .view(batch, *kind.shape)
                for start, (name, kind) in zip(ends[:-1], types.items(), strict=True)
            }

        self.tensors = views(self.memory)
        self.arrays: dict[str, Array] = {
            name: view.numpy() for name, view in views(self.host).items()
        }


def _bytes(kind: TensorType, batch: int, alignment: int = _ALIGNMENT) -> int:
    size = batch * int(np.prod(kind.shape)) * kind.dtype.itemsize
    return -(-size // alignment) * alignment


class _Batch:
    """Steps of one batch size.

    Args:
        inputs: of the network, and the rows.
        outputs: of the network.
        spare: row of what is left over.
        advance: computes the outputs from the inputs.
    """

    def __init__(
        self,
        inputs: _Block,
        outputs: _Block,
        spare: int,
        advance: Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], None],
    ) -> None:
        self._inputs, self._outputs, self._spare = inputs, outputs, spare
        self._run: Callable[[], None] = partial(advance, inputs.tensors, outputs.tensors)

    def prepare(self, pool: Any) -> None:
        """Run once on the spare row; capture a CUDA graph if there is a pool for its memory."""
        self._inputs.tensors[_ROWS].fill_(self._spare)
        self._run()
        if pool is not None:
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=pool):
                self._run()
            self._run = graph.replay

    def step(self, rows: IntArray, inputs: Mapping[str, Array]) -> list[Array]:
        """Outputs [B, ...] of B rows, at most as many as this batch has."""
        count, given = len(rows), {**inputs, _ROWS: rows}
        for name, array in self._inputs.arrays.items():
            array[:count] = given[name]
        self._inputs.arrays[_ROWS][count:] = self._spare
        on_device = self._inputs.memory.is_cuda
        if on_device:
            self._inputs.memory.copy_(self._inputs.host, non_blocking=True)
        self._run()
        if on_device:
            self._outputs.host.copy_(self._outputs.memory, non_blocking=True)
            torch.cuda.current_stream().synchronize()
        return [array[:count].copy() for array in self._outputs.arrays.values()]
