"""One network with the state of all its streams, on ONNX Runtime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from umo_runtime.engine.slots import Slots
from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError
from umo_runtime.types import IntArray

Array = npt.NDArray[Any]


class Network:
    """Batched stepping of a network; a row's result depends on that row alone.

    Args:
        file: the exported network.
        capacity: streams at most.
        threads: CPU threads of one step.
    """

    def __init__(self, file: NetworkFile, capacity: int, threads: int) -> None:
        self._file = file
        self._session = _open_session(file, threads)
        self._slots = Slots(capacity)
        self._kept = [
            np.zeros((capacity, *part.initial.shape), part.initial.dtype)
            for part in (*file.state, *file.rings)
        ]
        # Rows of a step, gathered into memory that is there: fresh pages cost more than the copy.
        self._gathered = [np.empty_like(kept) for kept in self._kept]
        self._steps = np.zeros(capacity, np.int64)

    def admit(self, stream: str) -> None:
        """Give a new stream a row in its initial state."""
        self._clear(self._slots.admit(stream))

    def evict(self, stream: str) -> None:
        """Free a stream's row."""
        self._slots.evict(stream)

    def reset(self, stream: str) -> None:
        """Put a stream back into its initial state."""
        self._clear(int(self._slots.rows((stream,))[0]))

    def check(self, streams: Sequence[str]) -> None:
        """Refuse streams that are not admitted."""
        self._slots.rows(streams)

    def step(self, streams: Sequence[str], **inputs: Array) -> list[Array]:
        """Advance streams by one step; others keep their state.

        Args:
            streams: B different streams.
            inputs: every input of the network, [B, ...].

        Returns:
            The network's outputs, [B, ...] each.
        """
        rows = self._slots.rows(streams)
        file = self._file
        feed = dict(inputs)
        places = zip((*file.state, *file.rings), self._kept, self._gathered, strict=True)
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

    def _clear(self, row: int) -> None:
        for part, kept in zip((*self._file.state, *self._file.rings), self._kept, strict=True):
            kept[row] = part.initial
        self._steps[row] = 0


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
    if not _describes(file, session):
        raise WeightsError(
            "the manifest of the weights describes other networks than lie beside it; "
            "export them again or reinstall umo-runtime"
        )
    return session


def _describes(file: NetworkFile, session: onnxruntime.InferenceSession) -> bool:
    shapes = {node.name: tuple(node.shape[1:]) for node in session.get_inputs()}
    kept = {part.name: part.initial.shape for part in (*file.state, *file.rings)}
    outputs = {node.name for node in session.get_outputs()}
    return (
        shapes.keys() == set(file.input_names)
        and all(shapes[name] == shape for name, shape in kept.items())
        and outputs == set(file.output_names)
    )
