import io
from contextlib import closing

from rich.console import Console

from tests.actors.test_frame_rate import make_frame
from umo_runtime.cli.folder_progress import FolderProgress


def drawn(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_one_bar_goes_over_all_files_and_past_those_that_fail() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with closing(FolderProgress(2, 40, console)) as progress:
        failing = progress.begin("first [red].wav", 30)
        failing.write(make_frame(0))
        failing.abort()
        good = progress.begin("second.wav", 10)
        for index in range(5):
            good.write(make_frame(index))
    assert "2 of 2 files  second.wav" in drawn(console)
    assert "88%" in drawn(console)  # 35 of 40


def test_names_are_no_markup() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with closing(FolderProgress(1, 1, console)) as progress:
        progress.begin("[/red].wav", 1)
    assert "[/red].wav" in drawn(console)


def test_a_file_or_a_pipe_gets_nothing() -> None:
    console = Console(file=io.StringIO())
    with closing(FolderProgress(1, 1, console)) as progress:
        progress.begin("a.wav", 1).close()
    assert drawn(console) == ""
