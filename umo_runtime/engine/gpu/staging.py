"""Host memory and its twin on a device: one copy moves all that a step needs.

A batch's tensors lie side by side from the start, so that what a batch of any size takes is one
piece of memory, and every tensor lies at the same address each time its batch has the same size:
CUDA graphs know addresses alone.
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
        types: of the tensors, by name.
        most: the largest batch.
        device: where the twin is; a processor's is the host memory itself.
    """

    def __init__(self, types: Mapping[str, TensorType], most: int, device: torch.device) -> None:
        self._types = types
        self._is_gpu = device.type == "cuda"
        self._host = torch.zeros(self._bytes(most), dtype=torch.uint8, pin_memory=self._is_gpu)
        self._device = self._host.to(device)
        self._arrays: dict[int, dict[str, npt.NDArray[Any]]] = {}

    def tensors(self, size: int) -> dict[str, Tensor]:
        """The device's tensors of a batch, by name."""
        return self._views(self._device, size)

    def arrays(self, size: int) -> dict[str, npt.NDArray[Any]]:
        """The host's arrays of a batch, by name."""
        if size not in self._arrays:
            views = self._views(self._host, size)
            self._arrays[size] = {name: view.numpy() for name, view in views.items()}
        return self._arrays[size]

    def send(self, size: int) -> None:
        """Copy what the host has of a batch to the device; does not wait."""
        if self._is_gpu:
            used = self._bytes(size)
            self._device[:used].copy_(self._host[:used], non_blocking=True)

    def _bytes(self, size: int) -> int:
        return sum(_aligned(size * kind.row_bytes) for kind in self._types.values())

    def _views(self, memory: Tensor, size: int) -> dict[str, Tensor]:
        start, views = 0, {}
        for name, kind in self._types.items():
            used = size * kind.row_bytes
            views[name] = memory[start : start + used].view(kind.dtype).view(size, *kind.shape)
            start += _aligned(used)
        return views


def _aligned(count: int) -> int:
    return -(-count // _ALIGNMENT) * _ALIGNMENT
