"""A progress bar as one more sink of frames. It shows only on a terminal, on stderr."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from umo_runtime.types import MotionFrame


class ProgressSink:
    """Advances a bar by every frame.

    Args:
        expected_frames: length of the bar.
        console: where to draw; nothing is drawn unless it is a terminal.
    """

    def __init__(self, expected_frames: int, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f} frames"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("Moving", total=expected_frames)
        self._progress.start()

    def write(self, frame: MotionFrame) -> None:
        """Advance by one."""
        self._progress.advance(self._task)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def abort(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def open_progress(expected_frames: int) -> ProgressSink:
    """Draw a bar on stderr."""
    return ProgressSink(expected_frames, Console(stderr=True))
