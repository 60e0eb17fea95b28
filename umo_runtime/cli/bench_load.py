"""`umo bench load`: many characters that all talk in real time, from one thread of one process.

Each pushes 20 ms chunks of the same speech from a place of its own, again and again, in one
segment. After a warm-up of 3 s this is counted:

- `fps`: frames received a second and character.
- `late_share`: share of the frames of speech that were late. A frame is due 120 ms after the
  sample that it belongs to (`pts_s`) was pushed; it is late if it arrives more than 50 ms after
  that. Frames hear 58 ms ahead and chunks take 20 ms to fill: the server is left 92 ms.
- `dropped`: frames missing in `index`, lost or left out under overload.
- `core_share`: processor time of the server over time, of one core; `rss_mb`: its memory.
- `machine_core_share`: the same of all that ran on this machine: what is more than server and
  client has disturbed the measurement.
- `behind_ms`: arrival minus push of the frame's sample; `drift_ms`: its median in the last tenth
  of the time minus that in the first.
- `pts_error_ms`: how far `pts_s` is from what the mouth of one character shows in the warm-up,
  compared with a rehearsal, in 95 % of frames: stamps are not just believed. null under overload,
  when frames are left out.
- `client_late_ms`: the worst delay of a push, and `client_core_share`: whether the measurement
  itself kept up.
"""

import time
from array import array
from collections.abc import Callable, MutableSequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine_bridge.direct_link import Link
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, Close, Frame, Notice, Open, Opened
from umo_runtime.cli.bench_match import mouth, needed_samples
from umo_runtime.cli.bench_percentiles import percentiles_ms
from umo_runtime.cli.bench_server import BenchServer, difference, machine_busy_s
from umo_runtime.cli.bench_speech import CHUNK_S, CHUNK_SAMPLES, Rehearsal, as_s16
from umo_runtime.clock import Clock
from umo_runtime.errors import ServiceError
from umo_runtime.types import LOOK_AHEAD_S, SAMPLE_RATE_HZ, FloatArray

PLAYOUT_DELAY_S = 0.12
LATE_S = 0.05
WARM_UP_S = 3.0
_SEGMENT = 1
_OPEN_S = 30.0

Numbers = MutableSequence[float]


def _numbers() -> Numbers:
    return array("d")  # eight bytes each: an hour has millions


@dataclass(slots=True)
class _Avatar:
    """One character.

    Attributes:
        audio: its speech, s16, to be repeated.
        pushed_s: when each chunk was pushed.
        at_s: arrivals that count.
        pts_s: of those that count, -1 where nothing was said.
        next_index: of the frame that follows; -1 before the first that counts.
        dropped: frames that were missing.
    """

    name: str
    audio: bytes
    pushed_s: Numbers = field(default_factory=_numbers)
    at_s: Numbers = field(default_factory=_numbers)
    pts_s: Numbers = field(default_factory=_numbers)
    next_index: int = -1
    dropped: int = 0

    def chunk(self, number: int) -> bytes:
        """Chunk of the repeated speech, bytes."""
        size = 2 * CHUNK_SAMPLES
        start = number * size % len(self.audio)
        return self.audio[start : start + size]

    def behind_s(self) -> FloatArray:
        """Of the frames of speech: from the push of their sample to their arrival."""
        at_s, pts_s = np.array(self.at_s), np.array(self.pts_s)
        chunks = (pts_s / CHUNK_S).astype(int)
        is_speech = (pts_s >= 0) & (chunks < len(self.pushed_s))
        return np.asarray(at_s[is_speech] - np.array(self.pushed_s)[chunks[is_speech]])


class LoadRun:
    """Measures a server under load.

    Args:
        link: to the server.
        speech: what is said, [N].
        avatars: how many characters.
        clock: of everything.
    """

    def __init__(self, link: Link, speech: FloatArray, avatars: int, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        chunks = len(speech) // CHUNK_SAMPLES
        whole = speech[: chunks * CHUNK_SAMPLES]
        self._avatars = {
            name: _Avatar(name, as_s16(np.roll(whole, -(n * chunks // avatars) * CHUNK_SAMPLES)))
            for n, name in enumerate(f"avatar {n}" for n in range(avatars))
        }
        self._witness = next(iter(self._avatars))
        self._witnessed: list[tuple[float, FloatArray]] = []
        self._counts_from_s = self._began_s = float("inf")
        self._lowest_fps: int | None = None
        self._client_late_s = 0.0

    def measure(
        self, server: BenchServer, seconds: float, rehearsal: Rehearsal, done: Callable[[], None]
    ) -> dict[str, Any]:
        """Let all talk; `done` is called every second.

        Args:
            server: to look at.
            seconds: that count.
            rehearsal: of the beginning of the speech.
            done: see above.

        Raises:
            ServiceError: the server refuses something, or sends no frames.
        """
        self._open_all()
        self._began_s = self._clock.now_s()
        self._talk(0.0, WARM_UP_S, done)
        rss_mb, own_s = server.rss_mb(), time.process_time()
        cpu_s, busy_s = server.cpu_s(), machine_busy_s()
        self._counts_from_s = from_s = self._clock.now_s()
        self._talk(WARM_UP_S, WARM_UP_S + seconds, done)
        wall_s = self._clock.now_s() - from_s
        for name in self._avatars:
            self._link.send(Close(name))
        used_s, all_s = difference(server.cpu_s(), cpu_s), difference(machine_busy_s(), busy_s)
        return {
            **self._counted(wall_s),
            "core_share": _rounded(used_s and used_s / wall_s, 4),
            "machine_core_share": _rounded(all_s and all_s / wall_s, 4),
            "rss_mb": _rounded(server.rss_mb()),
            "rss_mb_before": _rounded(rss_mb),
            "pts_error_ms": self._pts_error_ms(rehearsal),
            "client_late_ms": round(1000 * self._client_late_s, 1),
            "client_core_share": round((time.process_time() - own_s) / wall_s, 4),
        }

    def _open_all(self) -> None:
        waiting = set(self._avatars)
        for number, name in enumerate(self._avatars):
            self._link.send(Open(name, seed=number))
        for message, _ in self._link.receive_until(self._clock.now_s() + _OPEN_S):
            if isinstance(message, Opened):
                waiting.discard(message.stream)
            if not waiting:
                return
        raise ServiceError("silent", f"{len(waiting)} streams were not opened in {_OPEN_S:g} s")

    def _talk(self, from_s: float, to_s: float, done: Callable[[], None]) -> None:
        """Push all chunks that are due between two times since the beginning."""
        avatars = list(self._avatars.values())
        step_s = CHUNK_S / len(avatars)
        slots = range(round(from_s / CHUNK_S) * len(avatars), round(to_s / CHUNK_S) * len(avatars))
        second = len(avatars) * round(1 / CHUNK_S)
        for slot in slots:
            due_s = self._began_s + slot * step_s
            for message, at_s in self._link.receive_until(due_s):
                self._note(message, at_s)
            self._clock.wait_until(due_s)
            avatar, number = avatars[slot % len(avatars)], slot // len(avatars)
            now_s = self._clock.now_s()
            self._client_late_s = max(self._client_late_s, now_s - due_s)
            avatar.pushed_s.append(now_s)
            self._link.send(Audio(avatar.name, _SEGMENT, avatar.chunk(number)))
            if slot % second == second - 1:
                done()

    def _note(self, message: Any, at_s: float) -> None:
        if isinstance(message, Notice):
            self._lowest_fps = min(message.fps, self._lowest_fps or message.fps)
        if not isinstance(message, Frame):
            return
        avatar = self._avatars[message.stream]
        if at_s >= self._counts_from_s:
            if avatar.next_index >= 0:
                avatar.dropped += message.index - avatar.next_index
            avatar.next_index = message.index + 1
            avatar.at_s.append(at_s)
            avatar.pts_s.append(message.pts_s if message.segment == _SEGMENT else -1)
        elif message.stream == self._witness:
            pts_s = message.pts_s if message.segment == _SEGMENT else float("nan")
            self._witnessed.append((pts_s, mouth(frame_values(message)[2])))

    def _counted(self, wall_s: float) -> dict[str, Any]:
        avatars = self._avatars.values()
        frames = sum(len(avatar.at_s) for avatar in avatars)
        by_avatar = [avatar.behind_s() for avatar in avatars]
        behind_s = np.concatenate(by_avatar)
        if not len(behind_s):
            raise ServiceError("silent", "no frames of speech came; is the server overloaded?")
        tenths = [np.array_split(values, 10) for values in by_avatar]
        first_s, last_s = (np.concatenate([tenth[end] for tenth in tenths]) for end in (0, -1))
        late = behind_s > PLAYOUT_DELAY_S + LATE_S
        return {
            "avatars": len(avatars),
            "seconds": round(wall_s, 1),
            "fps": round(frames / wall_s / len(avatars), 2),
            "late_share": round(float(late.mean()), 6),
            "dropped": sum(avatar.dropped for avatar in avatars),
            "lowest_fps_notice": self._lowest_fps,
            "behind_ms": percentiles_ms(behind_s),
            "drift_ms": round(1000 * float(np.median(last_s) - np.median(first_s)), 1),
        }

    def _pts_error_ms(self, rehearsal: Rehearsal) -> float | None:
        """Over the frames of the witness that the rehearsal knows; null if it knows none."""
        if self._lowest_fps is not None:
            return None
        pts_s = np.array([pts for pts, _ in self._witnessed])
        needed = needed_samples(np.array([shape for _, shape in self._witnessed]), rehearsal)
        errors_s = np.abs(needed / SAMPLE_RATE_HZ - LOOK_AHEAD_S - pts_s)
        return percentiles_ms(errors_s[~np.isnan(errors_s)])["p95"]


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
