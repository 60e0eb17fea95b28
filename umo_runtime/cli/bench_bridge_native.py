"""How many frames a second one process sends over ZeroMQ so that another one has decoded them.

The sender makes messages, bytes and parts of them as `umo serve` does, from frames that are there.
It waits where the receiver says that it is too far behind, which that of a server never is.
"""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial

from engine_bridge.outbox import Outbox
from engine_bridge.wire import MAX_MESSAGE_BYTES, decode, frame_message
from engine_bridge.wire_messages import (
    CLIENT_MESSAGES,
    Close,
    Closed,
    Hello,
    Ping,
    Welcome,
)
from engine_bridge.zmq_endpoint import ZmqEndpoint
from umo_runtime.cli.bench_bridge_audience import Received, listen
from umo_runtime.cli.bench_bridge_motion import Motion, shown
from umo_runtime.cli.bench_bridge_peer import open_peer
from umo_runtime.clock import Clock
from umo_runtime.errors import ServiceError
from umo_runtime.types import FRAME_RATE_HZ

_MOST_AHEAD = 2000  # frames, before those of a moment; an endpoint drops what is beyond 4096
_SILENCE_S = 20.0
_SEGMENT = 1


@dataclass(frozen=True, slots=True)
class NativeRun:
    """What was measured.

    Attributes:
        sent: frames.
        received: of them.
        seconds: from the first that was sent until the receiver had decoded the last.
    """

    sent: int
    received: Received
    seconds: float

    @property
    def frames_per_s(self) -> float:
        """Frames of all characters together."""
        return self.received.frames / self.seconds


def measure_native(
    motion: Motion,
    avatars: int,
    seconds: float,
    clock: Clock,
    done: Callable[[], None],
    *,
    in_blocks: bool,
) -> NativeRun:
    """Send frames for some time.

    Args:
        motion: what the characters do.
        avatars: how many there are.
        seconds: for which it sends.
        clock: of the sender.
        done: called every second.
        in_blocks: a message for the frames of all, not one for each.

    Raises:
        ServiceError: frames were lost or changed on the way, or the receiver has ended.
    """
    return asyncio.run(_measure(motion, avatars, seconds, clock, done, in_blocks))


async def _measure(
    motion: Motion,
    avatars: int,
    seconds: float,
    clock: Clock,
    done: Callable[[], None],
    in_blocks: bool,
) -> NativeRun:
    crowd = _Crowd(motion, avatars)
    try:
        with open_peer(listen, crowd.url, in_blocks, motion, avatars) as peer:
            await crowd.heard()
            began_s = clock.now_s()
            await crowd.perform(began_s, seconds, clock, done)
            run = NativeRun(crowd.sent, peer.answer(), clock.now_s() - began_s)
    finally:
        await crowd.close()
    return checked(run)


def checked(run: NativeRun) -> NativeRun:
    """A run in which every frame has arrived as it was sent."""
    received = run.received
    if received.frames != run.sent or received.missing or received.wrong:
        raise ServiceError(
            "lost",
            f"{received.frames} of {run.sent} frames came, {received.missing} were missing and "
            f"{received.wrong} of {received.compared} were not as sent; expected all as sent",
        )
    return run


class _Crowd:
    """Characters that show their frames to one client as fast as it reads.

    Attributes:
        sent: frames.
    """

    def __init__(self, motion: Motion, avatars: int) -> None:
        names = (f"avatar {number}" for number in range(avatars))
        self._motions = [[replace(frame, stream=name) for frame in motion] for name in names]
        self._endpoint = ZmqEndpoint("127.0.0.1", 0, self._receive)
        self._outbox: Outbox | None = None
        self._news = asyncio.Event()
        self._index = self._read = 0
        self._is_read = False
        self.sent = 0
        self.url = self._endpoint.url

    async def perform(
        self, began_s: float, seconds: float, clock: Clock, done: Callable[[], None]
    ) -> None:
        """Show frames for some time, then wait until the client has read all."""
        assert self._outbox is not None
        second = 0
        while (passed_s := clock.now_s() - began_s) < seconds:
            if passed_s >= second + 1:
                second += 1
                done()
            await asyncio.sleep(0)  # the endpoint's turn
            while self.sent - self._read > _MOST_AHEAD:
                await self.heard()
            self._show(self._outbox)
        self._outbox.post(Closed("crowd"))
        self._endpoint.flush()
        while not self._is_read:
            await self.heard()
        done()

    async def heard(self) -> None:
        """Wait for the client's next word.

        Raises:
            ServiceError: it says nothing.
        """
        try:
            async with asyncio.timeout(_SILENCE_S):
                await self._news.wait()
        except TimeoutError:
            lost = f"{self._read} of {self.sent} frames were read"
            raise ServiceError("silent", f"{lost}, then nothing for {_SILENCE_S:g} s") from None
        self._news.clear()

    async def close(self) -> None:
        """Let go of the port."""
        await self._endpoint.close()

    def _show(self, outbox: Outbox) -> None:
        """One frame of each character."""
        pts_s = self._index / FRAME_RATE_HZ
        for number, motion in enumerate(self._motions):
            frame = shown(motion, number, self._index)
            outbox.post(frame_message(frame, self._index, _SEGMENT, pts_s))
        outbox.flush()
        self._endpoint.flush()
        self._index += 1
        self.sent += len(self._motions)

    def _receive(self, client: Hashable, data: bytes) -> None:
        match decode(data, CLIENT_MESSAGES):
            case Hello(blocks=blocks):
                self._outbox = Outbox(partial(self._endpoint.send, client), in_blocks=bool(blocks))
                self._outbox.post(
                    Welcome("crowd", len(self._motions), MAX_MESSAGE_BYTES, _SILENCE_S, [], [])
                )
            case Ping(number):
                self._read = number
            case Close():
                self._is_read = True
        self._news.set()
