"""What stands at the other end of a live output."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine_bridge import open_sink
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError


@contextmanager
def open_receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(10)
        yield opened


def url_of(receiver: socket.socket, scheme: str, query: str = "") -> str:
    return f"{scheme}://127.0.0.1:{receiver.getsockname()[1]}{query}"


def refusal_of(url: str) -> str:
    with pytest.raises(OutputError) as caught:
        open_sink(url, ManualClock())
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)
