"""A network on ONNX Runtime: the processor's own, and what every installation has."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime

from umo_runtime.engine.backend import Array, check_description
from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError
from umo_runtime.types import IntArray


class OnnxRuntimeBackend:
    """See `Backend`; a row's result depends on that row alone.

    Args:
        file: the exported network.
        capacity: rows.
        threads: CPU threads of one step.

    Raises:
        WeightsError: ONNX Runtime cannot load the network, or it is not what the manifest says.
    """

    def __init__(self, file: NetworkFile, capacity: int, threads: int) -> None:
        self._file = file
        self._session = _open_session(file, threads)
        self._kept = [
            np.zeros((capacity, *part.initial.shape), part.initial.dtype) for part in file.kept
        ]
        # Rows of a step, gathered into memory that is there: fresh pages cost more than the copy.
        self._gathered = [np.empty_like(kept) for kept in self._kept]
        self._steps = np.zeros(capacity, np.int64)

    def clear(self, row: int) -> None:
        """Put a row into its initial state."""
        for part, kept in zip(self._file.kept, self._kept, strict=True):
            kept[row] = part.initial
        self._steps[row] = 0

    def step(self, rows: IntArray, inputs: Mapping[str, Array]) -> list[Array]:
        """Outputs [B, ...] of B different rows and their inputs [B, ...]."""
        file = self._file
        feed = dict(inputs)
        places = zip(file.kept, self._kept, self._gathered, strict=True)
        for part, kept, gathered in places:
            feed[part.name] = np.take(kept, rows, axis=0, out=gathered[: len(rows)], mode="clip")
        results: list[Array] = self._session.run(file.output_names, feed)
        self._keep(rows, results[len(file.outputs) :])
        return results[: len(file.outputs)]

    def _keep(self, rows: IntArray, results: Sequence[Array]) -> None:
        """Replace the state of a step's rows, and the oldest step in their rings."""
        count = len(self._file.state)
        for state, after in zip(self._kept[:count], results[:count], strict=True):
            state[rows] = after
        for ring, written in zip(self._kept[count:], results[count:], strict=True):
            ring[rows, :, self._steps[rows] % ring.shape[2]] = written
        self._steps[rows] += 1


def _open_session(file: NetworkFile, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            file.content, options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the library raises many kinds
        reason = " ".join(str(error).split())
        raise WeightsError(
            f"ONNX Runtime cannot load a network ({reason}); run: pip install -U onnxruntime"
        ) from error
    shapes = {node.name: node.shape[1:] for node in session.get_inputs()}
    check_description(file, shapes, {node.name for node in session.get_outputs()})
    return session
