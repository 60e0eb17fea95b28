"""What many characters cost a process that sends each as VMC to a port of its own."""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from engine_bridge import FrameSink, open_sink
from engine_bridge.vmc_template import VmcTemplate
from umo_runtime.cli.bench_bridge_motion import Motion, shown
from umo_runtime.cli.bench_bridge_peer import open_peer
from umo_runtime.clock import Clock

FPS = 60
_LOOK_S = 0.1  # between looks whether it is over, while nothing comes
_MOST_BYTES = 65536


@dataclass(frozen=True, slots=True)
class VmcRun:
    """What was measured.

    Attributes:
        avatars: how many were sent.
        frames: of all together.
        datagrams: that they were.
        received: datagrams that came.
        seconds: of the clock.
        cpu_s: of the sending process, its share of the system's work included.
    """

    avatars: int
    frames: int
    datagrams: int
    received: int
    seconds: float
    cpu_s: float

    @property
    def fps(self) -> float:
        """Frames a second and avatar."""
        return self.frames / self.avatars / self.seconds

    @property
    def core_share(self) -> float:
        """Of one core."""
        return self.cpu_s / self.seconds


def measure_vmc(
    motion: Motion, avatars: int, seconds: float, clock: Clock, done: Callable[[], None]
) -> VmcRun:
    """Send frames when they are due, 60 a second and character.

    Args:
        motion: what the characters do.
        avatars: how many there are.
        seconds: for which it sends; less than 60 frames a second if they take longer.
        clock: when frames are due.
        done: called every second.

    Raises:
        ServiceError: the receiver has ended.
        OutputError: there are not enough sockets.
    """
    with open_peer(_receive, avatars) as peer, ExitStack() as stack:
        sinks = [open_sink(f"vmc://127.0.0.1:{port}", clock) for port in peer.answer()]
        for sink in sinks:
            stack.callback(sink.close)
        began_s, cpu_s = clock.now_s(), time.process_time()
        frames = avatars * _send(sinks, motion, began_s, seconds, clock, done)
        took_s, used_s = clock.now_s() - began_s, time.process_time() - cpu_s
        peer.tell("over")
        datagrams = frames * len(VmcTemplate().datagrams)
        return VmcRun(avatars, frames, datagrams, peer.answer(), took_s, used_s)


def _send(
    sinks: Sequence[FrameSink],
    motion: Motion,
    began_s: float,
    seconds: float,
    clock: Clock,
    done: Callable[[], None],
) -> int:
    """Send until the time is over; returns how many frames each got."""
    tick = 0
    while tick < round(seconds * FPS) and clock.now_s() < began_s + seconds:
        for number, sink in enumerate(sinks):
            sink.write(shown(motion, number, tick))
        tick += 1
        if tick % FPS == 0:
            done()
        clock.wait_until(began_s + tick / FPS)
    return tick


def _receive(pipe: "Connection[Any, Any]", avatars: int) -> None:
    """The other process: count what comes to a port for each character."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        sockets = [stack.enter_context(_open_socket()) for _ in range(avatars)]
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        pipe.send([each.getsockname()[1] for each in sockets])
        count, buffer = 0, bytearray(_MOST_BYTES)
        while not pipe.poll():
            count += sum(_drain(key.fileobj, buffer) for key, _ in selector.select(_LOOK_S))
        pipe.send(count + sum(_drain(each, buffer) for each in sockets))
        pipe.poll(None)


def _open_socket() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.setblocking(False)
    return opened


def _drain(opened: Any, buffer: bytearray) -> int:
    """Datagrams that wait."""
    count = 0
    while True:
        try:
            opened.recv_into(buffer)
        except BlockingIOError:
            return count
        count += 1
