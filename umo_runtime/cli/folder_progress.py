"""One progress bar over many speech files. It shows only on a terminal, on stderr."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from engine_bridge import FrameSink
from umo_runtime.types import MotionFrame


class FolderProgress:
    """Advances by frames and names the file.

    Args:
        num_files: that will be moved.
        num_frames: of all of them.
        console: where to draw; nothing is drawn unless it is a terminal.
    """

    def __init__(self, num_files: int, num_frames: int, console: Console) -> None:
        self._num_files = num_files
        self._begun = 0
        self._end = 0
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=num_frames)
        self._progress.start()

    def begin(self, name: str, num_frames: int) -> FrameSink:
        """Name the next file; returns the sink for its frames."""
        self._begun += 1
        self._end += num_frames
        self._progress.update(
            self._task, description=f"{self._begun} of {self._num_files} files  {name}"
        )
        return _FileProgress(self._progress, self._task, self._end)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()


class _FileProgress:
    """The frames of one file; however it ends, the bar then stands where the file ends."""

    def __init__(self, progress: Progress, task: TaskID, end: int) -> None:
        self._progress = progress
        self._task = task
        self._end = end

    def write(self, frame: MotionFrame) -> None:
        self._progress.advance(self._task)

    def close(self) -> None:
        self._progress.update(self._task, completed=self._end)

    def abort(self) -> None:
        self.close()
