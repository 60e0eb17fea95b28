"""A TCP proxy that delays, stalls and cuts connections."""

import asyncio
import random
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class BadNetwork:
    """What lies between a client and a port of this machine.

    Args:
        port: of the server.
        most_delay_s: each piece of data waits between none and so long, in order.
        seed: of the delays.
    """

    def __init__(self, port: int, most_delay_s: float, seed: int = 1) -> None:
        self._port, self._most_delay_s = port, most_delay_s
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: asyncio.Server = self._do(asyncio.start_server(self._join, "127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stall(self, seconds: float) -> None:
        """Let nothing through for a while, and then all that has waited."""
        self._do(self._stall(seconds))

    def cut(self) -> None:
        """End all connections."""
        self._do(self._cut())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:  # the server is gone
            writer.close()
            return
        self._writers |= {writer, there[1]}
        await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))
        self._writers -= {writer, there[1]}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                await asyncio.sleep(self._random.uniform(0, self._most_delay_s))
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except OSError:  # one side is gone
            pass
        finally:
            writer.close()

    async def _stall(self, seconds: float) -> None:
        self._flows.clear()
        self._loop.call_later(seconds, self._flows.set)

    async def _cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _close(self) -> None:
        self._flows.set()
        self._server.close()
        await self._cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=5) if others else None
