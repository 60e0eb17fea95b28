"""Programs that show characters of a server: streams of some names go to addresses of their own."""

from collections.abc import Hashable, Mapping

from engine_bridge.output_url import open_sink
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Frame
from umo_runtime.clock import Clock
from umo_runtime.types import FRAME_RATE_HZ, MotionFrame


class StreamOutputs:
    """Senders by name of a stream; of clients with the same name the first one is shown.

    They are opened at once and for good, so that receivers see the same port whoever comes.

    Args:
        addresses: of the senders, as `open_sink` takes them, by name of the stream.
        clock: of the server.

    Raises:
        OutputError: an address is wrong, or a port is taken.
    """

    def __init__(self, addresses: Mapping[str, str], clock: Clock) -> None:
        self._sinks = {stream: open_sink(url, clock) for stream, url in addresses.items()}
        self._owners: dict[str, Hashable] = {}

    def begin(self, client: Hashable, stream: str) -> bool:
        """Whether this client's stream is shown from now on, which wants its frames when due."""
        return stream in self._sinks and self._owners.setdefault(stream, client) == client

    def show(self, client: Hashable, frame: Frame) -> None:
        """Send a frame to where its stream is shown, if it is."""
        if self._is_shown(client, frame.stream):
            rotations, hips, face = frame_values(frame)
            time_s = frame.index / FRAME_RATE_HZ
            self._sinks[frame.stream].write(
                MotionFrame(frame.stream, frame.index, time_s, rotations, hips, face, time_s)
            )

    def end(self, client: Hashable, stream: str) -> None:
        """A client's stream is over; the next of its name may be shown."""
        if self._is_shown(client, stream):
            del self._owners[stream]

    def close(self) -> None:
        """Release the sockets."""
        for sink in self._sinks.values():
            sink.close()

    def _is_shown(self, client: Hashable, stream: str) -> bool:
        return stream in self._owners and self._owners[stream] == client
