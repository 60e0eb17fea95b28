"""One network and which stream has which of its rows."""

from collections.abc import Sequence

from umo_runtime.engine.onnxruntime_backend import OnnxRuntimeBackend
from umo_runtime.engine.slots import Slots
from umo_runtime.engine.weights import Array


class Network:
    """Batched stepping of streams that come and go.

    Args:
        backend: runs the network.
        capacity: streams at most, as many as the backend has rows.
    """

    def __init__(self, backend: OnnxRuntimeBackend, capacity: int) -> None:
        self._backend = backend
        self._slots = Slots(capacity)

    def admit(self, stream: str) -> None:
        """Give a new stream a row in its initial state."""
        self._backend.clear(self._slots.admit(stream))

    def evict(self, stream: str) -> None:
        """Free a stream's row."""
        self._slots.evict(stream)

    def reset(self, stream: str) -> None:
        """Put a stream back into its initial state."""
        self._backend.clear(int(self._slots.rows((stream,))[0]))

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
        return self._backend.step(self._slots.rows(streams), inputs)
