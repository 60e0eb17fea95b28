"""Host memory and its twin on a device: one copy moves all that a step needs, or gives.

Tensors of two batch sizes meet at a boundary. Those of one grow down from it, those of the other
up, so that what a step uses is one piece of memory, whatever the two sizes are, and every tensor
lies at the same address each time its batch has the same size: CUDA graphs know addresses alone.
"""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from umo_runtime.engine.gpu.device_graph import TensorType

_ALIGNMENT = 16  # bytes; enough for every type


class Staging:
    """Named tensors [B, ...] on both sides.

    Args:
        above: tensors of the batch above the boundary.
        most_above: its largest size.
        device: where the twin is; a processor's is the host memory itself.
        below: tensors of the batch below the boundary.
        most_below: its largest size.
    """

    def __init__(
        self,
        above: Mapping[str, TensorType],
        most_above: int,
        device: torch.device,
        below: Mapping[str, TensorType] | None = None,
        most_below: int = 0,
    ) -> None:
        self._above, self._below = above, below or {}
        self._boundary = _bytes(self._below, most_below)
        size = self._boundary + _bytes(above, most_above)
        is_gpu = device.type == "cuda"
        self._host = torch.zeros(size, dtype=torch.uint8, pin_memory=is_gpu)
        self._device = self._host.to(device)
        self._arrays: dict[tuple[int, bool], dict[str, npt.NDArray[Any]]] = {}

    def tensors(self, size: int, *, below: bool = False) -> dict[str, Tensor]:
        """The device's tensors of a batch, by name."""
        return self._views(self._device, size, below)

    def arrays(self, size: int, *, below: bool = False) -> dict[str, npt.NDArray[Any]]:
        """The host's arrays of a batch, by name."""
        if (size, below) not in self._arrays:
            views = self._views(self._host, size, below)
            self._arrays[size, below] = {name: view.numpy() for name, view in views.items()}
        return self._arrays[size, below]

    def send(self, above: int, below: int = 0) -> None:
        """Copy what the host has of both batches to the device; does not wait."""
        self._copy(self._device, self._host, above, below)

    def fetch(self, above: int, below: int = 0) -> None:
        """Copy what the device has of both batches to the host, and wait for it."""
        self._copy(self._host, self._device, above, below)
        self.wait()

    def wait(self) -> None:
        """Wait for everything that the device was told to do."""
        if self._device.is_cuda:
            torch.cuda.current_stream().synchronize()

    def _copy(self, to: Tensor, of: Tensor, above: int, below: int) -> None:
        start = self._boundary - _bytes(self._below, below)
        end = self._boundary + _bytes(self._above, above)
        if to is not of:
            to[start:end].copy_(of[start:end], non_blocking=True)

    def _views(self, memory: Tensor, size: int, below: bool) -> dict[str, Tensor]:
        types = self._below if below else self._above
        start = self._boundary - (_bytes(types, size) if below else 0)
        views = {}
        for name, kind in types.items():
            used = size * kind.row_bytes
            views[name] = memory[start : start + used].view(kind.dtype).view(size, *kind.shape)
            start += _aligned(used)
        return views


def _bytes(types: Mapping[str, TensorType], size: int) -> int:
    return sum(_aligned(size * kind.row_bytes) for kind in types.values())


def _aligned(count: int) -> int:
    return -(-count // _ALIGNMENT) * _ALIGNMENT
