"""A VMC receiver that keeps what it gets, with the time; read it when it is closed."""

import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.engine_bridge.osc_reader import blends, bones, read_frame


@dataclass(frozen=True)
class VmcFrame:
    """Times are of `time.monotonic`; names as sent."""

    received_s: float
    bones: dict[str, tuple[float, ...]]
    blends: dict[str, float]


class VmcReceiver:
    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.url = f"vmc://127.0.0.1:{self._socket.getsockname()[1]}"
        self._datagrams: list[tuple[float, bytes]] = []
        self._is_open = True
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    @property
    def has_frames(self) -> bool:
        return bool(self._datagrams)

    def frames(self) -> list[VmcFrame]:
        """Everything so far, read by python-osc."""
        found, parts = [], []
        for received_s, datagram in list(self._datagrams):
            parts.append(datagram)
            if b"/VMC/Ext/Blend/Apply" in datagram:
                messages = read_frame(parts)
                found.append(VmcFrame(received_s, bones(messages), blends(messages)))
                parts = []
        return found

    def _receive(self) -> None:
        while True:
            try:
                datagram = self._socket.recv(65_536)
            except TimeoutError:
                if not self._is_open:
                    return
            else:
                self._datagrams.append((time.monotonic(), datagram))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        self._thread.join()
        self._socket.close()
