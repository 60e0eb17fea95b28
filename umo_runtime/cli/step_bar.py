"""A progress bar for work in steps. It shows only on a terminal, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def step_bar(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Draw a bar; yields what is to be called after every step.

    Args:
        what: is being done.
        total: steps; None where nobody knows.
    """
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
