"""Threads that stop together."""

import logging
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from actors.channel import Channel, ChannelClosed

_log = logging.getLogger(__name__)


class Crew:
    """A group of threads linked by channels; the first error of any of them ends all.

    Used as a context manager. Leaving it waits for every thread. If one of them failed, its own
    exception is raised in the caller; if the body failed, the threads are stopped first.

    Args:
        channels: everything the threads may block on.
    """

    def __init__(self, channels: Sequence[Channel[Any]]) -> None:
        self._channels = channels
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    @property
    def error(self) -> BaseException | None:
        """The first error of any of them."""
        return self._error

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread. `ChannelClosed` from it is a normal end."""
        thread = threading.Thread(target=self._guard, args=(work,), name=f"umo-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ChannelClosed:
            return
        except BaseException as error:
            with self._lock:
                self._error = self._error or error
            _log.debug("%s failed", threading.current_thread().name)
            self._cancel()

    def _cancel(self) -> None:
        for channel in self._channels:
            channel.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._cancel()
        for thread in self._threads:
            thread.join()
        if error is None and self._error is not None:
            raise self._error
