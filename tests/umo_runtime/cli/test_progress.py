import io

from rich.console import Console

from tests.actors.test_frame_rate import make_frame
from umo_runtime.cli.progress import ProgressSink


def test_a_terminal_gets_a_bar() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    sink = ProgressSink(2, console)
    sink.write(make_frame(0))
    sink.write(make_frame(1))
    sink.close()
    sink.close()
    sink.abort()
    assert isinstance(console.file, io.StringIO)
    assert "2 of 2 frames" in console.file.getvalue()


def test_a_file_or_a_pipe_gets_nothing() -> None:
    console = Console(file=io.StringIO())
    sink = ProgressSink(1, console)
    sink.write(make_frame(0))
    sink.close()
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
