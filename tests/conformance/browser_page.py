"""A page in headless Chromium that gets its files by HTTP and talks to the test by a WebSocket."""

import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.conformance.receiver_process import PATIENCE_S

_MAX_ANSWER = 2**24  # a picture
_TYPES = {".html": "text/html", ".js": "text/javascript"}
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-background-networking", "--no-first-run"),
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),  # WebGL without a GPU
)


class BrowserPage:
    """Asks a page and waits for its answers, one for each question."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def ask(self, **question: object) -> dict[str, Any]:
        self.tell(**question)
        return self.answer()

    def tell(self, **order: object) -> None:
        self._connection.send(json.dumps(order))

    def forward(self, datagram: bytes) -> None:
        self._connection.send(datagram)

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._connection.recv(timeout=PATIENCE_S))
        assert "error" not in answer, answer["error"]
        return answer


@contextmanager
def opened_page(chromium: str, files: Mapping[str, Path], profile: Path) -> Iterator[BrowserPage]:
    """Open `/page.html` in a browser of its own.

    Args:
        chromium: the program.
        files: folders by the first part of a path; "" is for all others.
        profile: folder for what the browser writes.
    """
    with _served(files) as (port, connections):
        url = f"http://127.0.0.1:{port}/page.html"
        command = (chromium, *_FLAGS, f"--user-data-dir={profile}", url)
        log = profile / "chromium.log"
        with (
            log.open("wb") as noise,
            subprocess.Popen(command, stdout=noise, stderr=noise) as browser,
        ):
            try:
                yield BrowserPage(connections.get(timeout=PATIENCE_S))
            except queue.Empty:
                pytest.fail(f"Chromium opened no page: {log.read_text(errors='replace')[-2000:]}")
            finally:
                browser.kill()


@contextmanager
def _served(
    files: Mapping[str, Path],
) -> Iterator[tuple[int, "queue.Queue[ServerConnection]"]]:
    connections: queue.Queue[ServerConnection] = queue.Queue()
    done = threading.Event()

    def keep(connection: ServerConnection) -> None:
        connections.put(connection)
        done.wait()

    def respond(_: ServerConnection, request: Request) -> Response | None:
        return None if request.path == "/" else _file(files, request.path)

    with serve(keep, "127.0.0.1", 0, process_request=respond, max_size=_MAX_ANSWER) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.socket.getsockname()[1], connections
        finally:
            done.set()


def _file(files: Mapping[str, Path], path: str) -> Response:
    _, top, *rest = path.split("/")
    found = files.get(top, files[""]) / "/".join(rest if top in files else (top, *rest))
    if not found.is_file():
        return Response(404, "Not Found", Headers({"Content-Length": "0"}))
    body = found.read_bytes()
    kind = _TYPES.get(found.suffix, "application/octet-stream")
    return Response(
        200, "OK", Headers({"Content-Type": kind, "Content-Length": str(len(body))}), body
    )
