"""Ctrl-C and SIGTERM as a wish to stop; another one stops at once.

Wrappers such as `timeout` pass a signal on twice, so what follows right away is the same wish.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SAME_WISH_S = 0.3


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at a signal inside the block; a later one does what it did before.

    Args:
        stop: may be called again; must not wait or take locks.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    first_s: float | None = None

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal first_s
        first_s = time.monotonic() if first_s is None else first_s
        stop()
        if time.monotonic() - first_s > _SAME_WISH_S:
            restore()
            signal.raise_signal(number)

    for number in _SIGNALS:
        signal.signal(number, ask)
    try:
        yield
    finally:
        restore()
