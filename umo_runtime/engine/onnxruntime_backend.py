"""A network on ONNX Runtime: the processor's own, and what every installation has."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime

from umo_runtime.engine.weights import Array, NetworkFile
from umo_runtime.errors import WeightsError
from umo_runtime.types import IntArray

_MOST_ROWS = 32  # in one step: more are hardly cheaper by the row, and memory is by the largest


class OnnxRuntimeBackend:
    """One network and the state of its rows; a row's result depends on that row alone.

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
        self._most = min(capacity, _MOST_ROWS)
        self._gathered = [np.empty_like(kept[: self._most]) for kept in self._kept]
        self._steps = np.zeros(capacity, np.int64)
        self._rehearse()

    def _rehearse(self) -> None:
        """Take the memory that the largest batch needs now, not when there is a rush."""
        types = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
        self.step(
            np.zeros(self._most, np.int64),
            {
                node.name: np.zeros((self._most, *node.shape[1:]), types[node.type])
                for node in self._session.get_inputs()
                if node.name in self._file.inputs
            },
        )
        self._steps[:] = 0

    def clear(self, row: int) -> None:
        """Put a row into its initial state."""
        for part, kept in zip(self._file.kept, self._kept, strict=True):
            kept[row] = part.initial
        self._steps[row] = 0

    def step(self, rows: IntArray, inputs: Mapping[str, Array]) -> list[Array]:
        """Advance rows by one step; others keep their state.

        Args:
            rows: B different rows, [B].
            inputs: every input of the network that is not state, [B, ...] each.

        Returns:
            The network's outputs that are not state, [B, ...] each, in memory of their own.
        """
        if len(rows) > self._most:
            halves = slice(len(rows) // 2), slice(len(rows) // 2, None)
            parts = (
                self.step(rows[half], {name: array[half] for name, array in inputs.items()})
                for half in halves
            )
            return [np.concatenate(output) for output in zip(*parts, strict=True)]
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
    file.check(shapes, {node.name for node in session.get_outputs()})
    return session
