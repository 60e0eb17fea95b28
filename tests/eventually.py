"""Waiting for what another thread, process or task does."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 5.0


async def eventually(is_so: Callable[[], object]) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.005)
