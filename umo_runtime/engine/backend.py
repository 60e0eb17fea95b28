"""What runs one network for the rows of a batch and keeps their state."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import numpy.typing as npt

from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError
from umo_runtime.types import IntArray

Array = npt.NDArray[Any]


class Backend(Protocol):
    """One network and the state of as many rows as it was made for."""

    def clear(self, row: int) -> None:
        """Put a row into its initial state."""
        ...

    def step(self, rows: IntArray, inputs: Mapping[str, Array]) -> list[Array]:
        """Advance rows by one step; others keep their state.

        Args:
            rows: B different rows, [B].
            inputs: every input of the network that is not state, [B, ...] each.

        Returns:
            The network's outputs that are not state, [B, ...] each, in memory of their own.
        """
        ...


def check_description(
    file: NetworkFile, shapes: Mapping[str, Sequence[Any]], outputs: Collection[str]
) -> None:
    """Compare what the manifest says of a network with what the ONNX file says.

    Args:
        file: as the manifest describes it.
        shapes: of the ONNX file's inputs by name, without the batch axis.
        outputs: names of the ONNX file's outputs.

    Raises:
        WeightsError: they differ.
    """
    kept = {part.name: part.initial.shape for part in file.kept}
    if (
        shapes.keys() != set(file.input_names)
        or any(tuple(shapes[name]) != shape for name, shape in kept.items())
        or set(outputs) != set(file.output_names)
    ):
        raise WeightsError(
            "the manifest of the weights describes other networks than lie beside it; "
            "export them again or reinstall umo-runtime"
        )
