"""What goes out to one client of a server: message by message, or frames in blocks."""

from collections.abc import Callable
from typing import Any

from engine_bridge.wire import block_message, encode
from engine_bridge.wire_messages import MOST_FRAMES, Frame


class Outbox:
    """Sends messages in the order in which they are posted.

    Args:
        send: takes the bytes of a message; never blocks, never raises.
        in_blocks: hold frames back until `flush`, and send them as one message.
    """

    def __init__(self, send: Callable[[bytes], None], *, in_blocks: bool = False) -> None:
        self.in_blocks = in_blocks
        self._send = send
        self._frames: list[Frame] = []

    def post(self, message: Any) -> None:
        """Send a message, behind all frames that are held back.

        Raises:
            WireError: it cannot be sent.
        """
        if self.in_blocks and isinstance(message, Frame):
            self._frames.append(message)
            if len(self._frames) == MOST_FRAMES:
                self.flush()
        else:
            self.flush()
            self._send(encode(message))

    def flush(self) -> None:
        """Send what is held back; to be called when there is nothing more of this moment."""
        if self._frames:
            frames, self._frames = self._frames, []
            self._send(encode(block_message(frames)))
