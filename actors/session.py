"""One character of a client: audio in, frames out, alive in between.

No sockets, no threads, time as an argument. The character's time never stops: where there is no
audio, silence is fed at the pace of real time and the model breathes, looks around and blinks.
Audio is fed as fast as frames come back, so that speech that was made ahead is ahead in frames too.
An interruption forgets the graph's stream, begins a new one and leads from one into the other. So
does a graph that has failed, but then nothing is forgotten: what it owes is fed again. A character
whose whole server has failed is brought here by its client, see `stand`.
"""

import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from actors.playhead import Playhead
from actors.segment import Segment
from actors.stance import stance
from actors.timeline import Timeline, first_sample
from actors.transition import Transition
from engine_bridge.wire import frame_message
from engine_bridge.wire_messages import (
    MOST_SHOWN,
    NO_SEGMENT,
    Cleared,
    Control,
    Ended,
    Frame,
    Open,
    Stand,
    Stats,
    Text,
)
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import ServiceError
from umo_runtime.types import (
    FRAME_RATE_HZ,
    LOOK_AHEAD_S,
    SAMPLE_RATE_HZ,
    AudioChunk,
    FloatArray,
    MotionFrame,
)

MOST_IN_FLIGHT = 8  # frames of one character in the graph: a burst must not keep others waiting
_LEAD_S = LOOK_AHEAD_S + 0.5 / FRAME_RATE_HZ  # silence is fed ahead: its frames come when due
_STARVED_S = 0.15  # a segment that is so late has run dry
_TAIL = 1600  # samples of silence behind a segment: its last frames must not wait for them
_SLICE = 1600  # samples a chunk has at most
_EARLY_S = 0.5 / FRAME_RATE_HZ  # a paced frame may go so early: time passes in ticks
_MOST_SEGMENTS, _MOST_WORDS, _MOST_S = 64, 4096, 600  # that wait, and seconds of audio
_MOST_HELD = FRAME_RATE_HZ  # frames of a paced stream that are made ahead
_MOST_LETTERS = 64  # of a word that are read
_LEAD_IN = MOST_SHOWN  # frames that a stream which goes on hears again, to know what it hears
_DAY_S = 86_400.0
Encode = Callable[[str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Due:
    """A frame that waits for its time, and the segments that are over with it."""

    due_s: float
    frame: MotionFrame
    segment: int
    pts_s: float
    ended: tuple[Ended, ...]


class Session:
    """One character.

    Args:
        opened: how the client wants it.
        key: names the character among those of all clients.
        encode: text tokens of a word.
        now_s: clock time.
        silent_frames: with which its streams of the graph begin.
    """

    def __init__(
        self, opened: Open, key: str, encode: Encode, now_s: float, silent_frames: int = 0
    ) -> None:
        if not 8_000 <= opened.rate_hz <= 192_000:
            raise ServiceError("value", f"rate_hz is {opened.rate_hz}; give 8000 to 192000")
        self._opened, self._key, self._encode = opened, key, encode
        self._silent_frames = silent_frames
        self._lead_in = _LEAD_IN + silent_frames  # so that its keyframes keep their turn
        self._controls = NEUTRAL
        self._epoch = 0
        self._index = self._frames = self._skipped = self._underruns = self._heard = 0
        self._newest = NO_SEGMENT
        self._late_s = 0.0
        self._playhead = Playhead()
        self._transition: Transition | None = None
        self._last: MotionFrame | None = None
        self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        """Begin a stream of the graph, in silence."""
        self._timeline = Timeline()
        self._fed: deque[AudioChunk] = deque()  # what `resume` may need
        self._lead = 0  # frames at the beginning of its stream that it has shown before
        self._silent_samples = self._silent_frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ
        self._began_s = self._awaits_s = now_s
        self._segments: deque[Segment] = deque()
        self._open: dict[int, Segment] = {}
        self._endings: deque[tuple[int, Segment]] = deque()
        self._held: deque[_Due] = deque()
        self._due_s = now_s
        self._is_starved = False

    @property
    def graph_stream(self) -> str:
        """Name of its present stream in the graph."""
        return f"{self._key}#{self._epoch}"

    @property
    def seed(self) -> int:
        """Of its motion; by its name where the client gives none."""
        own = self._opened.seed
        return zlib.crc32(self._opened.stream.encode()) if own is None else own

    def audio(self, number: int, payload: bytes) -> None:
        """Take audio of a segment.

        Raises:
            ServiceError: the segment is over, or the audio cannot be used.
        """
        segment = self._segment(number)
        if sum(s.num_waiting for s in self._segments) > _MOST_S * SAMPLE_RATE_HZ:
            raise ServiceError("busy", f"{_MOST_S} s of audio wait already; send more later")
        segment.push(payload)
        self._heard += len(payload) // (2 if segment.format == "s16" else 4)

    def text(self, said: Text) -> None:
        """Take what is said in a segment.

        Raises:
            ServiceError: the segment is over, or there is not one time to every word.
        """
        if said.times_s and len(said.times_s) != len(said.words):
            raise ServiceError(
                "value", f"{len(said.words)} words have {len(said.times_s)} times; give one to each"
            )
        if not all(abs(time_s) <= _DAY_S for time_s in said.times_s):
            raise ServiceError("value", "a word's time is more than a day away; give seconds")
        segment = self._segment(said.segment)
        if sum(s.num_words for s in self._segments) + len(said.words) > _MOST_WORDS:
            raise ServiceError("busy", f"{_MOST_WORDS} words wait already; say more in a moment")
        segment.say([(w, self._encode(w[:_MOST_LETTERS])) for w in said.words], said.times_s)

    def end(self, number: int) -> None:
        """Complete a segment.

        Raises:
            ServiceError: there is no such segment.
        """
        if number not in self._open:
            raise ServiceError("segment", f"segment {number} is not open")
        self._open.pop(number).complete()

    def control(self, told: Control) -> None:
        """Direct the character from now on.

        Raises:
            ControlError: a value is out of its range.
            ServiceError: the gaze has not two angles.
        """
        values = {
            name: value
            for name in ("calmness", "emotion", "intensity", "state")
            if (value := getattr(told, name)) is not None
        }
        if told.gaze_deg is not None:
            if len(told.gaze_deg) not in (0, 2):
                raise ServiceError(
                    "value", f"gaze_deg has {len(told.gaze_deg)} angles; give yaw and pitch, or []"
                )
            yaw_pitch = tuple(float(angle) for angle in np.radians(told.gaze_deg))
            values["gaze_rad"] = yaw_pitch or None
        self._controls = replace(self._controls, **values)

    def playback(self, number: int, position_s: float, now_s: float) -> None:
        """The receiver says how far it has played a segment."""
        self._playhead.correct(number, position_s, now_s)

    def clear(self, now_s: float) -> tuple[Cleared, AudioChunk | None]:
        """Interrupt the character; returns what `close` does, too."""
        shown = self._playhead.shown(now_s)
        number = shown[1] if shown else NO_SEGMENT
        ending = self.close(now_s)
        self._epoch += 1
        if shown:  # else it still stands where it was interrupted before
            self._transition = Transition(shown[0])
        self._last = self._transition.start if self._transition else None
        self._playhead = Playhead()
        self._begin(now_s)
        return Cleared(self._opened.stream, number), ending

    def close(self, now_s: float) -> AudioChunk | None:
        """The chunk that ends its stream in the graph; none if that has not begun."""
        if not self._timeline.num_fed:
            return None
        silence = np.zeros(0, np.float32)
        return AudioChunk(self.graph_stream, self._timeline.num_fed, silence, now_s, is_last=True)

    def stand(self, told: Stand, now_s: float) -> AudioChunk | None:
        """Go on from another server, which had this character before; returns what `close` does.

        Raises:
            WireError: the payload has another length than a pose.
            ServiceError: it is no pose, a field is out of its range, or the character speaks.
        """
        pose = stance(told)
        if self._newest != NO_SEGMENT:
            raise ServiceError("exists", "the character speaks here already; send stand first")
        ending = self.close(now_s)
        self._epoch += 1
        self._transition, self._last = Transition(pose), pose
        self._begin(now_s)
        self._lead = self._lead_in
        silent_frames = self._lead_in - told.shown
        self._silent_samples = silent_frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ
        self._began_s += told.ahead_s - self._lead_in / FRAME_RATE_HZ
        if told.shown:  # it must go on right there
            self._awaits_s += _STARVED_S
        return ending

    def resume(self) -> list[AudioChunk]:
        """Go on in a new stream of the graph, where the one before it was lost.

        Returns:
            What is to be fed again: all whose frames have not come back, and a little before it.
        """
        if not self._timeline.num_fed:
            return []
        shown = max(self._lead, self._timeline.num_shown)
        first = max(0, shown - self._lead_in)
        sample = first_sample(first)
        self._lead = shown - first
        self._timeline = self._timeline.moved(first)
        self._began_s += sample / SAMPLE_RATE_HZ
        self._endings = deque((place - sample, segment) for place, segment in self._endings)
        self._epoch += 1
        if self._last is not None:
            self._transition = Transition(self._last)
        lost, self._fed = self._fed, deque()
        self._fed.extend(
            _later(chunk, self.graph_stream, sample) for chunk in lost if _end(chunk) > sample
        )
        return list(self._fed)

    @property
    def owed(self) -> int:
        """Frames that the graph could have made and that have not come back."""
        return self._timeline.in_flight

    @property
    def has_more(self) -> bool:
        """Whether audio waits for frames to come back."""
        return any(segment.has_audio for segment in self._segments)

    def is_ahead(self, now_s: float) -> bool:
        """Whether its frames come before their time, as fast as they can be made."""
        ahead_s = self._timeline.num_shown / FRAME_RATE_HZ - (now_s - self._began_s)
        return ahead_s > 0 and not self._opened.paced

    def advance(self, now_s: float) -> list[AudioChunk]:
        """What is to be fed to the graph now."""
        if self._opened.paced and len(self._held) > _MOST_HELD:
            return []
        chunks: list[AudioChunk] = []
        while self._timeline.in_flight < MOST_IN_FLIGHT:
            chunk = self._next_chunk(now_s)
            if chunk is None:
                break
            chunks.append(chunk)
        self._fed.extend(chunks)
        return chunks

    def show(self, frame: MotionFrame, now_s: float) -> None:
        """Take a frame of the graph; those of a stream that was cut are passed over."""
        if frame.stream != self.graph_stream:
            return
        segment, pts_s = self._timeline.show(frame.index)
        if frame.index < self._lead:
            return
        while self._fed and _end(self._fed[0]) <= first_sample(frame.index - self._lead_in):
            self._fed.popleft()
        if self._transition is not None:
            frame = self._transition.lead(frame, (frame.index - self._lead + 1) / FRAME_RATE_HZ)
        self._last = frame
        self._late_s = now_s - frame.captured_s
        self._due_s = max(self._due_s + 1 / FRAME_RATE_HZ, now_s) if self._opened.paced else now_s
        frame = replace(frame, stream=self._opened.stream)
        self._held.append(_Due(self._due_s, frame, segment, pts_s, tuple(self._ended())))

    def send(self, now_s: float, every: int = 1) -> list[Frame | Ended]:
        """What the client gets now: all frames that are there or, of a paced stream, due.

        Args:
            now_s: clock time.
            every: send only one frame in so many.
        """
        out: list[Frame | Ended] = []
        while self._held and self._held[0].due_s <= now_s + _EARLY_S:
            due = self._held.popleft()
            if self._index % every:
                self._skipped += 1
            else:
                out.append(frame_message(due.frame, self._index, due.segment, due.pts_s))
                self._playhead.sent(due.frame, due.segment, due.pts_s, now_s)
                self._frames += 1
            self._index += 1
            out += due.ended
        return out

    def stats(self) -> Stats:
        """Counters."""
        return Stats(
            self._opened.stream,
            self._frames,
            self._heard / self._opened.rate_hz,
            self._underruns,
            max(0.0, self._late_s),
            self._skipped,
        )

    def _ended(self) -> Iterator[Ended]:
        """Segments whose last frame has come back since the last call."""
        while self._endings and self._endings[0][0] <= self._timeline.num_samples_shown:
            _, segment = self._endings.popleft()
            duration_s = segment.num_fed / SAMPLE_RATE_HZ
            yield Ended(self._opened.stream, segment.number, duration_s)

    def _segment(self, number: int) -> Segment:
        """The open segment of a number, which may be new."""
        if number in self._open:
            return self._open[number]
        if number <= self._newest:
            raise ServiceError(
                "segment", f"segment {number} is over; the next is {self._newest + 1}"
            )
        if len(self._segments) >= _MOST_SEGMENTS:
            raise ServiceError(
                "segment", f"{_MOST_SEGMENTS} segments wait already; send fewer ahead"
            )
        segment = Segment(number, self._opened.rate_hz, self._opened.format)
        self._segments.append(segment)
        self._open[number] = segment
        self._newest = number
        return segment

    def _next_chunk(self, now_s: float) -> AudioChunk | None:
        """Audio if there is some, else silence if it is time for it."""
        if not self._timeline.num_fed and self._silent_samples:
            return self._silence(self._silent_samples, now_s)
        while self._segments and self._segments[0].is_complete and not self._segments[0].has_audio:
            done = self._segments.popleft()
            self._endings.append((self._timeline.num_fed, done))
            if not self._segments:
                return self._silence(_TAIL, now_s, done)
        segment = self._segments[0] if self._segments else None
        if segment is not None and segment.has_audio:
            self._is_starved = False
            return self._speech(segment, now_s)
        if now_s < self._awaits_s and (segment is None or not segment.num_fed):
            return None
        behind_s = now_s - self._began_s + _LEAD_S - self._timeline.num_fed / SAMPLE_RATE_HZ
        if segment is not None and segment.num_fed and not self._is_starved:
            if behind_s < _STARVED_S:
                return None
            self._is_starved = True
            self._underruns += 1
        missing = round(behind_s * SAMPLE_RATE_HZ)
        return self._silence(min(missing, _SLICE), now_s) if missing > 0 else None

    def _speech(self, segment: Segment, now_s: float) -> AudioChunk:
        offset, start = segment.num_fed, self._timeline.num_fed
        samples = segment.take(_SLICE)
        self._timeline.feed(len(samples), segment.number, offset)
        return self._chunk(start, samples, now_s, self._controls, self._told(start - offset))

    def _told(self, begin: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Words to tell by now; the first segment begins at sample `begin` of the stream."""
        words = []
        for segment in self._segments:
            words += segment.take_words(begin, self._timeline.num_fed)
            if not segment.is_complete:  # nobody knows when the next one begins
                break
            begin += segment.num_fed + segment.num_waiting
        return tuple(words)

    def _silence(self, count: int, now_s: float, behind: Segment | None = None) -> AudioChunk:
        """Nobody speaks: between segments, or for a moment `behind` the end of one."""
        start = self._timeline.num_fed
        number, offset = (behind.number, behind.num_fed) if behind else (NO_SEGMENT, 0)
        self._timeline.feed(count, number, offset)
        waits = not self._segments and self._controls.state == "speaking"
        controls = replace(self._controls, state="idle") if waits else self._controls
        return self._chunk(start, np.zeros(count, np.float32), now_s, controls)

    def _chunk(
        self,
        start: int,
        samples: FloatArray,
        captured_s: float,
        controls: Controls,
        words: tuple[tuple[int, tuple[int, ...]], ...] = (),
    ) -> AudioChunk:
        return AudioChunk(
            self.graph_stream, start, samples, captured_s, controls=controls, words=words
        )


def _end(chunk: AudioChunk) -> int:
    return chunk.start_sample + len(chunk.samples)


def _later(chunk: AudioChunk, stream: str, sample: int) -> AudioChunk:
    """The same sound for a stream that begins at a sample of the one before it."""
    cut = max(0, sample - chunk.start_sample)
    return replace(
        chunk,
        stream=stream,
        start_sample=chunk.start_sample + cut - sample,
        samples=chunk.samples[cut:],
        words=tuple((at - sample, word) for at, word in chunk.words if at >= sample or not cut),
    )
