"""A gateway's graph, which runs in an engine's process and may be lost with it.

Engines call; the first serves, those behind it stand by. An engine is lost when its socket ends,
when it gives no sign of life, or when it owes frames and makes none. Then the next one takes its
place and the characters go on in it, see `Session.resume`. All in the thread of one asyncio loop.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from actors.cluster.engine_link import EngineLink, listen
from actors.cluster.records import Seeded, decode_frames, encode_chunks
from actors.cluster.shared_ring import RingStats
from umo_runtime.errors import ServiceError
from umo_runtime.types import AudioChunk, MotionFrame

# Checks, 30 a second, after which an engine is lost that gave no sign of life, or no frame where it
# owed some; and after which one is given up for which there is no other.
_STILL, _FRAMELESS, _HOPELESS = 6, 10, 150


class Tell(Protocol):
    """Takes an event and what belongs to it."""

    def __call__(self, event: str, **facts: object) -> None:
        """Tell."""
        ...


@dataclass(slots=True)
class Chunks:
    """Where every chunk went; `pushed == taken + lost + unfed + waiting` always holds.

    Attributes:
        pushed: by the characters.
        again: of these, for a second time.
        taken: by engines.
        lost: left behind or overwritten in rings.
        unfed: while there was no engine.
        waiting: in the ring of the engine that serves, or on the way to it.
    """

    pushed: int = 0
    again: int = 0
    taken: int = 0
    lost: int = 0
    unfed: int = 0
    waiting: int = 0


class RemoteService:
    """Speech in, frames out, as `SpeechService`; a context manager inside a running loop.

    Args:
        name: under which engines find it, alone on this machine.
        max_streams: characters at most.
        show: gets the frames.
        resume: called when all streams must go on in another engine; returns how many chunks were
            fed again.
        owes: whether any character waits for a frame that the graph could have made.
        seeds: by stream, read when a chunk is pushed.
        tell: of engines that come and go.
    """

    def __init__(
        self,
        name: str,
        max_streams: int,
        show: Callable[[list[MotionFrame]], None],
        resume: Callable[[], int],
        owes: Callable[[], bool],
        seeds: Mapping[str, int],
        tell: Tell,
    ) -> None:
        self._name, self._max_streams = name, max_streams
        self._show, self._resume, self._owes = show, resume, owes
        self._seeds, self._tell = seeds, tell
        self._loop = asyncio.get_running_loop()
        self._links: list[EngineLink] = []  # the first one serves
        self._calls = self.switches = 0
        self._beats: dict[int, tuple[int, int]] = {}  # by link: the last count, checks since
        self._frameless = 0
        self._pending: list[Seeded] = []
        self._past = Chunks()
        self._listener: socket.socket

    def __enter__(self) -> Self:
        self._listener = listen(self._name)
        self._loop.add_reader(self._listener, self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.remove_reader(self._listener)
        self._listener.close()
        while self._links:
            self._let_go(self._links[-1])

    def push(self, chunk: AudioChunk) -> None:
        """Take a chunk; it leaves with all others of this turn of the loop."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append((chunk, self._seeds.get(chunk.stream, 0)))
        self._past.pushed += 1

    def check(self) -> None:
        """Notice engines that do not answer; to be called 30 times a second."""
        self._frameless = self._frameless + 1 if self._owes() else 0
        for link in list(self._links):
            beats, still = link.frames.beats, 0
            before = self._beats.get(link.number)
            if before is not None and before[0] == beats:
                still = before[1] + 1
            self._beats[link.number] = beats, still
            serves = link is self._links[0]
            if self._is_stalled(still, self._frameless if serves else 0, link):
                self._tell("engine stalled", engine=link.process_id)
                link.kill()
                self._lose(link)

    @property
    def num_engines(self) -> int:
        """Those that serve or stand by."""
        return len(self._links)

    @property
    def serving_process(self) -> int | None:
        """The process of the engine that serves."""
        return self._links[0].process_id if self._links else None

    def chunks(self) -> Chunks:
        """Account for every chunk."""
        past = self._past
        now = self._links[0].audio.stats() if self._links else None
        return Chunks(
            past.pushed,
            past.again,
            past.taken + (now.taken if now else 0),
            past.lost + (now.dropped if now else 0),
            past.unfed,
            len(self._pending) + (now.depth if now else 0),
        )

    def rings(self) -> dict[str, RingStats]:
        """Counters of the rings of the engine that serves, by what they carry."""
        if not self._links:
            return {}
        return {"audio": self._links[0].audio.stats(), "frames": self._links[0].frames.stats()}

    def _is_stalled(self, still: int, frameless: int, link: EngineLink) -> bool:
        if len(self._links) == 1:  # a slow one is better than none
            return max(still, frameless) > _HOPELESS
        return still > _STILL or frameless > _FRAMELESS or link.audio.stats().dropped > 0

    def _accept(self) -> None:
        try:
            link = EngineLink.accept(self._listener, self._calls, self._max_streams)
        except (OSError, ServiceError) as error:
            self._tell("engine refused", reason=str(error))
            return
        self._calls += 1
        self._links.append(link)
        self._loop.add_reader(link.connection, self._hear, link)
        self._tell("engine ready", engine=link.process_id)
        if len(self._links) == 1:
            self._begin()

    def _hear(self, link: EngineLink) -> None:
        """An engine's socket has something to say: its end."""
        if link.is_over:
            self._tell("engine died", engine=link.process_id)
            self._lose(link)

    def _lose(self, link: EngineLink) -> None:
        served = link is self._links[0]
        if served:
            self._drain()  # what it had made is good
        self._let_go(link)
        if served and self._links:
            self.switches += 1
            self._begin()

    def _let_go(self, link: EngineLink) -> None:
        self._loop.remove_reader(link.connection)
        if link is self._links[0]:
            self._loop.remove_reader(link.frames)
            stats = link.audio.stats()
            self._past.taken += stats.taken
            self._past.lost += stats.dropped + stats.depth
        self._links.remove(link)
        self._beats.pop(link.number, None)
        link.close()

    def _begin(self) -> None:
        """Let the first engine serve."""
        link = self._links[0]
        self._loop.add_reader(link.frames, self._drain)
        self._past.unfed += len(self._pending)
        self._pending.clear()
        self._frameless = 0
        again = self._resume()
        self._past.again += again
        if self._calls > 1 or again:
            self._tell("engine took over", engine=link.process_id, again=again)

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if not self._links:
            self._past.unfed += len(pending)
            return
        for data, count in encode_chunks(pending):
            self._links[0].audio.put(data, count)

    def _drain(self) -> None:
        frames = [
            frame
            for record in self._links[0].frames.take_all()
            for frame in decode_frames(record.data)
        ]
        if frames:
            self._frameless = 0
            self._show(frames)
