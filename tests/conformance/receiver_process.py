"""A receiver in a process of its own that prints a line of JSON for every frame that it shows."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 60.0


class ReceiverProcess:
    """What the receiver printed, line by line; other lines than JSON are kept as `noise`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self.noise: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def answer(self) -> dict[str, Any]:
        """The next object that it prints."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                pytest.fail(f"no answer; it said {self.noise}")
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
            assert line, f"it ended, with exit code {self._process.wait()}; it said {self.noise}"
            self.noise.append(line)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")


@contextmanager
def receiving(
    command: Sequence[str | Path], environment: Mapping[str, str]
) -> Iterator[ReceiverProcess]:
    """Run a receiver until the block ends."""
    with subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PATH": os.environ["PATH"], **environment},
    ) as process:
        try:
            yield ReceiverProcess(process)
        finally:
            process.kill()
