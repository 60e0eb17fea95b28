"""`umo bench latency`: one character that talks, is interrupted and talks again, from outside.

Speech with known onsets is pushed in chunks of 20 ms at the pace of speech. What a received frame
shows is found by comparing mouths with a rehearsal; the only clock is this process's, and neither
`pts_s` nor `segment` is read.

- `first_frame_ms`: from pushing the first chunk of a segment, which begins at an onset, until the
  first frame arrives whose mouth moves (a channel of 0.05 or more, after rest).
- `steady_ms`: from pushing the last sample that a frame needs until it arrives.
- `interrupt_ms`: from sending `clear` while the jaw is open until the first of the frames arrives
  in which all channels of jaw and mouth are below 0.05 and stay so until 0.8 s after `clear`;
  800 if there is none.
- `core_share`: processor time of the server over time, of one core.
- `talks`, `talks_matched`, `matched_share`: how often it talked, how often at least half of the
  moving frames were found in the rehearsal, and the share of them all; the other talks give no
  `first_frame_ms` and `steady_ms`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine_bridge.direct_link import DirectLink
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, Clear, Close, Frame, Open
from umo_runtime.cli.bench_match import (
    Arrivals,
    TimeArray,
    first_moving_s,
    is_at_rest,
    jaw,
    latencies_s,
    mouth,
    needed_samples,
    shut_s,
)
from umo_runtime.cli.bench_percentiles import percentiles_ms
from umo_runtime.cli.bench_server import BenchServer, difference
from umo_runtime.cli.bench_speech import CHUNK_S, CHUNK_SAMPLES, Rehearsal, as_s16
from umo_runtime.clock import Clock
from umo_runtime.errors import ServiceError
from umo_runtime.types import FloatArray

_STREAM = "bench"
_TALK_S = 2.0  # at least, before an interruption
_REST_S = 0.8  # watched after an interruption
_OPEN = 0.1  # a jaw that is worth interrupting
_MOST_WAIT_S = 5.0
_MATCHED = 0.5  # of the moving frames must be found in the rehearsal: it is this speech


@dataclass(frozen=True, slots=True)
class Piece:
    """Speech from an onset on, and how a mouth moves to it."""

    samples: FloatArray
    rehearsal: Rehearsal


@dataclass(slots=True)
class Latencies:
    """What was measured, seconds."""

    first_frame_s: list[float] = field(default_factory=list)
    steady_s: list[float] = field(default_factory=list)
    interrupt_s: list[float] = field(default_factory=list)
    core_share: float | None = None
    talks: int = 0
    talks_matched: int = 0
    frames: int = 0  # with a moving mouth
    matched: int = 0  # of these

    def result(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first_frame_ms": percentiles_ms(self.first_frame_s),
            "steady_ms": percentiles_ms(self.steady_s),
            "interrupt_ms": percentiles_ms(self.interrupt_s),
            "core_share": None if self.core_share is None else round(self.core_share, 4),
            "talks": self.talks,
            "talks_matched": self.talks_matched,
            "matched_share": round(self.matched / max(1, self.frames), 4),
        }


class LatencyRun:
    """Measures a server.

    Args:
        link: to the server.
        pieces: what is said, in turn.
        clock: of everything.
        seed: of the times of interruptions.
    """

    def __init__(self, link: DirectLink, pieces: list[Piece], clock: Clock, seed: int = 0) -> None:
        self._link = link
        self._pieces = pieces
        self._clock = clock
        self._random = np.random.default_rng(seed)
        self._at_s: list[float] = []
        self._mouths: list[FloatArray] = []
        self._latencies = Latencies()

    def measure(self, server: BenchServer, repeats: int, done: Callable[[], None]) -> Latencies:
        """Talk `repeats` times; `done` is called after each.

        Raises:
            ServiceError: the server refuses something, or the mouth never rests.
        """
        self._link.send(Open(_STREAM))
        self._listen(until_s=self._clock.now_s() + 1.0)
        began_s, cpu_s = self._clock.now_s(), server.cpu_s()
        for repeat in range(repeats):
            self._talk(self._pieces[repeat % len(self._pieces)], segment=repeat + 1)
            done()
        used_s = difference(server.cpu_s(), cpu_s)
        if used_s is not None:
            self._latencies.core_share = used_s / (self._clock.now_s() - began_s)
        self._link.send(Close(_STREAM))
        return self._latencies

    def _talk(self, piece: Piece, segment: int) -> None:
        """Say a piece, interrupt it, and keep what was measured."""
        self._wait_for_rest()
        self._at_s, self._mouths = self._at_s[-1:], self._mouths[-1:]
        pushed_s = np.array(list(self._push(piece, segment)))
        spoken = self._arrivals()
        cleared_s = self._clock.now_s()
        self._link.send(Clear(_STREAM))
        self._listen(cleared_s + _REST_S)
        self._note(piece, pushed_s, spoken)
        if jaw(spoken.mouths[-1]) >= _OPEN:
            shut = shut_s(self._arrivals(), cleared_s)
            self._latencies.interrupt_s.append(_REST_S if shut is None else shut - cleared_s)

    def _push(self, piece: Piece, segment: int) -> Iterator[float]:
        """Push chunks at the pace of speech until it is time to interrupt; yields when."""
        began_s = self._clock.now_s()
        talk_s = _TALK_S + self._random.uniform(0, 0.5)
        for number, start in enumerate(range(0, len(piece.samples), CHUNK_SAMPLES)):
            self._listen(began_s + number * CHUNK_S)
            chunk = as_s16(piece.samples[start : start + CHUNK_SAMPLES])
            yield self._clock.now_s()
            self._link.send(Audio(_STREAM, segment, chunk))
            if number * CHUNK_S > talk_s and jaw(self._mouths[-1]) >= _OPEN:
                return

    def _note(self, piece: Piece, pushed_s: TimeArray, spoken: Arrivals) -> None:
        """Keep how fast the frames of a piece came, if they are of this piece."""
        needed = needed_samples(spoken.mouths, piece.rehearsal)
        is_moving = ~is_at_rest(spoken.mouths)
        matched = int((~np.isnan(needed) & is_moving).sum())
        self._latencies.talks += 1
        self._latencies.frames += int(is_moving.sum())
        self._latencies.matched += matched
        first_s = first_moving_s(spoken, pushed_s[0])
        if first_s is None or matched < _MATCHED * is_moving.sum():
            return
        self._latencies.talks_matched += 1
        self._latencies.first_frame_s.append(first_s - pushed_s[0])
        self._latencies.steady_s += latencies_s(spoken, needed, pushed_s, CHUNK_SAMPLES).tolist()

    def _wait_for_rest(self) -> None:
        """Wait until the mouth has been at rest for a moment of random length."""
        give_up_s = self._clock.now_s() + _MOST_WAIT_S
        while self._clock.now_s() < give_up_s:
            self._at_s, self._mouths = [], []
            self._listen(self._clock.now_s() + self._random.uniform(0.2, 0.3))
            if self._mouths and is_at_rest(np.array(self._mouths)).all():
                return
        raise ServiceError("mouth", f"the mouth did not rest for {_MOST_WAIT_S:g} s of silence")

    def _listen(self, until_s: float) -> None:
        """Receive until a time; keep mouths and when they came."""
        for message, arrived_s in self._link.receive_until(until_s):
            if isinstance(message, Frame):
                self._at_s.append(arrived_s)
                self._mouths.append(mouth(frame_values(message)[2]))
        self._clock.wait_until(until_s)

    def _arrivals(self) -> Arrivals:
        return Arrivals(np.array(self._at_s), np.array(self._mouths))
