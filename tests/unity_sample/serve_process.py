"""A real `umo serve` that can be killed and brought back."""

import subprocess
import sys
from types import TracebackType
from typing import Self

_SERVE = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"


class ServeProcess:
    """`umo serve` on a free port of this machine.

    Args:
        options: of the command.

    Attributes:
        url: its ZeroMQ address, the same after it was brought back.
    """

    def __init__(self, *options: str) -> None:
        self._options = options
        self.url = "tcp://127.0.0.1:0"
        self.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def start(self) -> None:
        """Start it where it was before, and wait until clients can come."""
        self._process = subprocess.Popen(
            (
                *(sys.executable, "-c", _SERVE, "serve"),
                *("--port", str(self.port), "--websocket-port", "-1", *self._options),
            ),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[2]

    def kill(self) -> None:
        """End it without a chance to say so."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
