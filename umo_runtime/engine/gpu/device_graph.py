"""What runs one network on a device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class TensorType:
    """What a graph says of one of its inputs or outputs.

    Attributes:
        dtype: of its numbers.
        shape: without the batch axis.
    """

    dtype: torch.dtype
    shape: tuple[int, ...]

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of a batch."""
        return prod(self.shape) * self.dtype.itemsize


class DeviceGraph(Protocol):
    """An exported network as a function on a device.

    A call only enqueues work on torch's current stream and never waits for it, so that it can be
    captured in a CUDA graph.
    """

    @property
    def inputs(self) -> Mapping[str, TensorType]:
        """What it takes, by name."""
        ...

    @property
    def outputs(self) -> Mapping[str, TensorType]:
        """What it gives, by name."""
        ...

    def __call__(self, fetch: Callable[[str], Tensor]) -> dict[str, Tensor]:
        """Compute the outputs [B, ...], by name.

        Args:
            fetch: gives an input [B, ...] by name; asked once, when it is first needed, so that not
                all inputs need memory at a time.
        """
        ...
