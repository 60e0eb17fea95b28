"""One network with the state of all its streams, on ONNX Runtime."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from umo_runtime.engine.slots import Slots
from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError

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
        self._state = [
            np.zeros((capacity, *part.initial.shape), part.initial.dtype) for part in file.state
        ]
        # Rows of a step, gathered into memory that is there: fresh pages cost more than the copy.
        self._gathered = [np.empty_like(state) for state in self._state]
        self._fetch = [*file.outputs, *(f"{part.name}_next" for part in file.state)]

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
        feed = dict(inputs)
        places = zip(self._file.state, self._state, self._gathered, strict=True)
        for part, state, gathered in places:
            feed[part.name] = np.take(state, rows, axis=0, out=gathered[: len(rows)], mode="clip")
        results: list[Array] = self._session.run(self._fetch, feed)
        num_outputs = len(self._file.outputs)
        for state, after in zip(self._state, results[num_outputs:], strict=True):
            state[rows] = after
        return results[:num_outputs]

    def _clear(self, row: int) -> None:
        for part, state in zip(self._file.state, self._state, strict=True):
            state[row] = part.initial


def _open_session(file: NetworkFile, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # TensorScatter warns on every call that it copies the cache
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
    state = {part.name: part.initial.shape for part in file.state}
    outputs = {node.name for node in session.get_outputs()}
    return (
        shapes.keys() == {*file.inputs, *state}
        and all(shapes[name] == shape for name, shape in state.items())
        and outputs == {*file.outputs, *(f"{name}_next" for name in state)}
    )
