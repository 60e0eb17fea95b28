"""A server of its own for a benchmark, and what it costs; or one that runs already."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from umo_runtime.errors import ServiceError

_START = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class BenchServer:
    """Where the server is, and its process, where that can be looked at.

    Attributes:
        url: of its ZeroMQ endpoint.
        process_id: None for a server that somebody else runs.
    """

    url: str
    process_id: int | None = None

    def cpu_s(self) -> float | None:
        """Processor time of all its threads so far; None where the system does not tell."""
        fields = self._read("stat").rpartition(")")[2].split()
        if not fields:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float | None:
        """Its memory in RAM, MB of 10^6 bytes; None where the system does not tell."""
        for line in self._read("status").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        return None

    def _read(self, name: str) -> str:
        try:
            return Path(f"/proc/{self.process_id}/{name}").read_text()
        except OSError:
            return ""


def machine_busy_s() -> float | None:
    """Processor time of everything on this machine; None where the system does not tell."""
    try:
        words = Path("/proc/stat").read_text().splitlines()[0].split()
    except OSError:
        return None
    user, nice, system, _idle, _waiting, *interrupts = map(int, words[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def difference(after: float | None, before: float | None) -> float | None:
    """Of two readings, where there are two."""
    return None if after is None or before is None else after - before


@contextmanager
def open_server(connect: str | None, token: str, streams: int) -> Iterator[BenchServer]:
    """Start `umo serve` on free ports for the time of a benchmark.

    Args:
        connect: address of a server to take instead.
        token: its secret.
        streams: characters it must take.

    Raises:
        ServiceError: it does not start.
    """
    if connect is not None:
        yield BenchServer(connect)
        return
    options = ("--port", "0", "--websocket-port", "0", "--streams", str(streams))
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            (sys.executable, "-c", _START, "serve", *options),
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, "UMO_TOKEN": token},
            text=True,
        ) as process,
    ):
        try:
            yield BenchServer(_url(process, complaints), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _url(process: subprocess.Popen[str], complaints: IO[str]) -> str:
    """The address in the line that it prints when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    for word in line.split():
        if word.startswith("tcp://"):
            return word
    process.wait(_STOP_S)
    complaints.seek(0)
    last = complaints.read().strip().splitlines()[-1:] or ["it said nothing"]
    raise ServiceError("start", f"umo serve did not start: {last[0]}")
