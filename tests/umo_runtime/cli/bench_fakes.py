"""A server that is simulated in the time of a manual clock, with known latencies."""

import heapq
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine_bridge.wire_messages import Audio, Clear, Cleared, Close, Closed, Frame, Open, Opened
from umo_runtime.blendshapes import MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.cli.bench_server import BenchServer
from umo_runtime.cli.bench_speech import NUM_SHIFTS, Rehearsal
from umo_runtime.clock import ManualClock
from umo_runtime.skeleton import IDENTITY_ROTATIONS
from umo_runtime.types import FRAME_RATE_HZ, LOOK_AHEAD_S, SAMPLE_RATE_HZ, FloatArray

FRAME_S = 1 / FRAME_RATE_HZ
_CHANNELS = len(MOUTH_CHANNELS)


def mouth_at(time_s: float) -> FloatArray:
    """A mouth that moves from 0 s on and never shows the same twice; open all the time."""
    if time_s < 0:
        return np.zeros(_CHANNELS, np.float32)
    channels = np.arange(_CHANNELS)
    shape = 0.3 + 0.1 * np.sin(time_s * (5 + 0.37 * channels) + channels)
    return shape.astype(np.float32)


def rehearsal_of(seconds: float) -> Rehearsal:
    """How `mouth_at` goes, in quarters of a frame."""
    times_s = np.arange(-0.5, seconds, FRAME_S / NUM_SHIFTS)
    needed = np.round((times_s + LOOK_AHEAD_S) * SAMPLE_RATE_HZ).astype(np.int64)
    return Rehearsal(np.array([mouth_at(time_s) for time_s in times_s]), needed)


class AdvancingClock(ManualClock):
    """Whoever waits finds that the time has come."""

    def wait_until(self, deadline_s: float) -> None:
        self.advance(max(0.0, deadline_s - self.now_s()))


class FakeLink:
    """Looks like `DirectLink`; every stream gets frames by what it has pushed.

    Args:
        clock: the time.
        latency_s: from the push of the last sample that a frame needs to its arrival.
        shut_s: from `clear` to the first frame at rest.
        phase_s: time of the first frame of a segment, 0 to 1/30.
        skipped: one frame in so many is lost; 0: none.
    """

    def __init__(
        self,
        clock: ManualClock,
        latency_s: float = 0.01,
        shut_s: float = 0.05,
        phase_s: float = 0.0,
        skipped: int = 0,
    ) -> None:
        self._clock = clock
        self._latency_s, self._shut_s, self._phase_s = latency_s, shut_s, phase_s
        self._skipped = skipped
        self._queue: list[tuple[float, int, Any]] = []
        self._count = 0
        self._streams: dict[str, _Stream] = {}

    def send(self, message: Any) -> None:
        now_s = self._clock.now_s()
        match message:
            case Open(name):
                self._streams[name] = _Stream(now_s)
                self._later(now_s, Opened(name))
            case Audio(name, segment, payload):
                self._hear(name, segment, len(payload) // 2)
            case Clear(name):
                self._queue = [item for item in self._queue if not isinstance(item[2], Frame)]
                heapq.heapify(self._queue)
                self._later(now_s, Cleared(name, 1))
                self._show(name, 0, 0.0, now_s + self._shut_s / 2, mouth_at(1.0))
                self._streams[name] = _Stream(now_s + self._shut_s, self._streams[name].index)
            case Close(name):
                del self._streams[name]
                self._later(now_s, Closed(name))

    def receive_until(self, deadline_s: float) -> Iterator[tuple[Any, float]]:
        while True:
            self._live_on(deadline_s)
            if not self._queue or self._queue[0][0] >= deadline_s:
                return
            at_s, _, message = heapq.heappop(self._queue)
            self._clock.advance(max(0.0, at_s - self._clock.now_s()))
            yield message, self._clock.now_s()

    def _live_on(self, deadline_s: float) -> None:
        """Frames of streams in which nobody speaks, up to the next arrival."""
        until_s = min(deadline_s, self._queue[0][0] if self._queue else deadline_s)
        for name, stream in self._streams.items():
            while not stream.segment and stream.idle_s < until_s:
                self._show(name, 0, 0.0, stream.idle_s, mouth_at(-1.0))
                stream.idle_s += FRAME_S
                until_s = min(until_s, stream.idle_s)

    def _hear(self, name: str, segment: int, samples: int) -> None:
        stream = self._streams[name]
        if stream.segment != segment:
            stream.segment, stream.pts_s, stream.pushed = segment, self._phase_s, 0
        stream.pushed += samples
        while (stream.pts_s + LOOK_AHEAD_S) * SAMPLE_RATE_HZ <= stream.pushed:
            arrival_s = self._clock.now_s() + self._latency_s
            self._show(name, segment, stream.pts_s, arrival_s, mouth_at(stream.pts_s))
            stream.pts_s += FRAME_S

    def _show(self, name: str, segment: int, pts_s: float, at_s: float, shape: FloatArray) -> None:
        stream = self._streams[name]
        stream.index += 1
        if self._skipped and stream.index % self._skipped == 0:
            return
        face = np.zeros(NUM_BLENDSHAPES, np.float32)
        face[list(MOUTH_CHANNELS)] = shape
        values = np.concatenate((IDENTITY_ROTATIONS.ravel(), np.zeros(3), face)).astype("<f4")
        self._later(at_s, Frame(name, stream.index, segment, pts_s, values.tobytes()))

    def _later(self, at_s: float, message: Any) -> None:
        self._count += 1
        heapq.heappush(self._queue, (at_s, self._count, message))


class _Stream:
    def __init__(self, idle_s: float, index: int = -1) -> None:
        self.idle_s, self.index = idle_s, index
        self.segment, self.pts_s, self.pushed = 0, 0.0, 0


NOWHERE = BenchServer("tcp://127.0.0.1:1")
