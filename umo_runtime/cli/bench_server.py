"""A server of its own for a benchmark, and what it costs; or one that runs already."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from umo_runtime.errors import ServiceError

_START = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
_STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class BenchServer:
    """Where the server is, and its processes, where they can be looked at.

    Attributes:
        url: of its ZeroMQ endpoint.
        process_id: of the first of them; None for a server that somebody else runs.
    """

    url: str
    process_id: int | None = None

    def cpu_s(self) -> float | None:
        """Processor time of all its processes so far; None where the system does not tell."""
        told = filter(None, map(_stat, self._processes()))
        ticks = [int(fields[11]) + int(fields[12]) for fields in told]
        return sum(ticks) / os.sysconf("SC_CLK_TCK") if ticks else None

    def rss_mb(self) -> float | None:
        """Their memory in RAM, MB of 10^6 bytes; None where the system does not tell."""
        lines = (_read(process, "status").splitlines() for process in self._processes())
        sizes = [int(line.split()[1]) for each in lines for line in each if "VmRSS" in line]
        return sum(sizes) * 1024 / 1e6 if sizes else None

    def _processes(self) -> list[int]:
        """The first process and all that descend from it, as far as they live."""
        if self.process_id is None or not _stat(self.process_id):
            return []
        parents = {int(p.name): _stat(int(p.name)) for p in Path("/proc").glob("[0-9]*")}
        found = [self.process_id]
        for parent in found:
            found += [
                process for process, fields in parents.items() if fields[1:2] == [str(parent)]
            ]
        return found


def _stat(process: int) -> list[str]:
    """What the system tells of a process, from its state on; nothing where it does not."""
    return _read(process, "stat").rpartition(")")[2].split()


def _read(process: int, name: str) -> str:
    try:
        return Path(f"/proc/{process}/{name}").read_text()
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
def open_server(
    connect: str | None, token: str, streams: int, more: Sequence[str] = ()
) -> Iterator[BenchServer]:
    """Start `umo serve` on free ports for the time of a benchmark.

    Args:
        connect: address of a server to take instead.
        token: its secret.
        streams: characters it must take.
        more: options of `umo serve`.

    Raises:
        ServiceError: it does not start.
    """
    if connect is not None:
        yield BenchServer(connect)
        return
    options = ("--port", "0", "--websocket-port", "0", "--streams", str(streams), *more)
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
