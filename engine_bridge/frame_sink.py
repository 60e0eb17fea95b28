"""Where motion frames go: the one interface of every sender and recorder."""

from typing import Protocol

from umo_runtime.types import MotionFrame


class FrameSink(Protocol):
    """Takes the frames of one stream in order. Used by one thread at a time.

    A frame that is not sound (see `frame_check`) never raises and never ends the stream: the sink
    counts it and repeats the last good one.
    """

    def write(self, frame: MotionFrame) -> None:
        """Send or record one frame.

        Raises:
            OutputError: a recording cannot go on, for example on a full disk. Senders never raise.
        """
        ...

    def close(self) -> None:
        """Finish: flush, and for a recording put the file in place. May be called twice.

        Raises:
            OutputError: a recording cannot be completed; nothing is left behind.
        """
        ...

    def abort(self) -> None:
        """Discard: leave no file behind. Never raises; does nothing after `close`."""
        ...
