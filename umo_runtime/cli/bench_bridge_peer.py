"""A process of its own at the other end of a measurement, so that it costs the sender nothing."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from umo_runtime.errors import ServiceError

_ANSWER_S = 30.0  # a new process imports numpy first


class Peer:
    """The near end of a pipe to another process."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe

    def answer(self) -> Any:
        """Wait for what it sends.

        Raises:
            ServiceError: it has ended, or says nothing.
        """
        try:
            if self._pipe.poll(_ANSWER_S):
                return self._pipe.recv()
        except (EOFError, ConnectionError):
            raise ServiceError("peer", "the receiving process has ended; see above why") from None
        raise ServiceError("peer", f"no word from the receiving process within {_ANSWER_S:g} s")

    def tell(self, what: Any) -> None:
        """Send something to it."""
        self._pipe.send(what)


@contextmanager
def open_peer(work: Callable[..., None], *arguments: Any) -> Iterator[Peer]:
    """Run a function in another process for the time of a measurement.

    Args:
        work: called with the far end of the pipe and the arguments.
        arguments: for it.
    """
    context = get_context("spawn")  # a fork would inherit sockets, threads and their locks
    near, far = context.Pipe()
    process = context.Process(target=_run, args=(work, far, *arguments), daemon=True)
    process.start()
    far.close()
    try:
        yield Peer(near)
    finally:
        near.close()
        process.terminate()
        process.join()


def _run(work: Callable[..., None], pipe: "Connection[Any, Any]", *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both: whoever started it ends it
    with pipe:
        work(pipe, *arguments)
