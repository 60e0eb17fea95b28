"""What a client has said and not heard back: said again when the shard that had it is gone.

With it goes where the character stands, and the sound of the last frames that came: the next shard
begins in that pose, knows what it was in the middle of, and makes the frame that is missing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine_bridge.wire_messages import (
    MOST_AHEAD_S,
    MOST_SHOWN,
    NO_SEGMENT,
    Audio,
    Clear,
    Cleared,
    Close,
    Control,
    End,
    Ended,
    Frame,
    Open,
    Playback,
    Stand,
    Text,
)

_FRAME_S = 1 / 30
_MOST_SEGMENTS = 64  # that wait to be shown
_PART_BYTES = 1 << 18
_GIVEN = ("calmness", "emotion", "intensity", "state", "gaze_deg")


@dataclass(frozen=True, slots=True)
class SpeechAccount:
    """Where all speech of a character went; `said_s == shown_s + cut_s + waiting_s`.

    Attributes:
        said_s: seconds of audio that were said.
        shown_s: whose frames came.
        cut_s: that an interruption cut.
        waiting_s: whose frames are still to come.
        again_s: that were sent once more, to another shard.
    """

    said_s: float
    shown_s: float
    cut_s: float
    waiting_s: float
    again_s: float


@dataclass(slots=True)
class _Segment:
    """One segment, from a byte on.

    Attributes:
        number: of it.
        start: bytes of it that are no longer here.
        end: bytes of it that were said.
        offset_s: where it begins for the server.
        heard_s: up to where its frames have come.
    """

    number: int
    start: int = 0
    end: int = 0
    offset_s: float = 0.0
    heard_s: float = 0.0
    parts: deque[bytes] = field(default_factory=deque)
    texts: list[Text] = field(default_factory=list)
    is_ended: bool = False

    def say(self, payload: bytes) -> None:
        """Keep more audio."""
        self.parts.append(payload)
        self.end += len(payload)

    def let_go(self, place: int) -> None:
        """Forget what lies before a byte."""
        while self.parts and self.start + len(self.parts[0]) <= place:
            self.start += len(self.parts.popleft())

    def since(self, place: int) -> bytes:
        """Audio from a byte on."""
        return b"".join(self.parts)[max(0, place - self.start) :]


@dataclass(slots=True)
class _Show:
    """When what came is shown: a segment from its first frame on, once those before it are over."""

    ends_s: float = 0.0
    began_s: dict[int, float] = field(default_factory=dict)  # by segment, in order

    def add(self, frame: Frame, now_s: float) -> None:
        """A frame has come."""
        if frame.segment == NO_SEGMENT:  # shown at once
            return
        began_s = max(now_s, self.ends_s) - frame.pts_s
        self.ends_s = self.began_s.setdefault(frame.segment, began_s) + frame.pts_s + _FRAME_S
        if len(self.began_s) > _MOST_SEGMENTS:
            del self.began_s[min(self.began_s)]

    def correct(self, played: Playback, now_s: float) -> None:
        """The user knows better."""
        if played.segment in self.began_s:
            later_s = now_s - played.position_s - self.began_s[played.segment]
            self.began_s = {number: at_s + later_s for number, at_s in self.began_s.items()}
            self.ends_s += later_s


class Spoken:
    """Keeps what one character was told; times are the client's clock.

    Args:
        opened: how its stream was opened.

    Attributes:
        is_closed: it was told to end.
    """

    def __init__(self, opened: Open) -> None:
        self.is_closed = False
        self._opened = opened
        self._bytes_per_sample = 2 if opened.format == "s16" else 4
        self._bytes_per_s = self._bytes_per_sample * opened.rate_hz
        self._control = Control(opened.stream)
        self._segments: dict[int, _Segment] = {}
        self._over = _Segment(NO_SEGMENT)  # the one that ended last: frames of its tail may follow
        self._next_index = self._first_index = 0
        self._life_s, self._life_offset_s = 0.0, 0.0  # of its life between segments
        self._is_back = False  # elsewhere, and no frame has come from there
        self._pose = b""  # that came last
        self._show = _Show()
        self._said = self._shown = self._cut = self._again = 0  # bytes; of segments that are over

    @property
    def account(self) -> SpeechAccount:
        """Where all that was said went."""
        here = self._segments.values()
        shown = self._shown + sum(map(self._shown_of, here))
        waiting = sum(segment.end - self._shown_of(segment) for segment in here)
        counts = (self._said, shown, self._cut, waiting, self._again)
        return SpeechAccount(*(count / self._bytes_per_s for count in counts))

    def said(self, message: Any, now_s: float) -> None:
        """Keep what is sent."""
        if isinstance(message, Control):
            told = {name: getattr(message, name) for name in _GIVEN}
            known = {name: value for name, value in told.items() if value is not None}
            self._control = replace(self._control, **known)
        elif isinstance(message, Audio):
            self._segment(message.segment).say(message.payload)
            self._said += len(message.payload)
        elif isinstance(message, Text):
            self._segment(message.segment).texts.append(message)
        elif isinstance(message, End):
            self._segment(message.segment).is_ended = True
        elif isinstance(message, Playback):
            self._show.correct(message, now_s)
        elif isinstance(message, Clear):
            self._forget(tuple(self._segments))
        elif isinstance(message, Close):
            self.is_closed = True

    def heard(self, message: Any, now_s: float) -> Any:
        """What came, in the times of the client's own segments; None if it had come before."""
        if isinstance(message, Frame):
            return self._frame(message, now_s)
        if isinstance(message, Ended):
            ended = self._segments.pop(message.segment, None)
            if ended is not None:
                self._over = ended
                self._shown += ended.end
                message = replace(message, duration_s=message.duration_s + ended.offset_s)
        elif isinstance(message, Cleared):
            self._forget(number for number in tuple(self._segments) if number <= message.segment)
        return message

    def told(self, message: Any) -> Any:
        """What is sent, in the server's times."""
        if isinstance(message, Playback) and message.segment in self._segments:
            offset_s = self._segments[message.segment].offset_s
            return replace(message, position_s=max(0.0, message.position_s - offset_s))
        return message

    def again(self, now_s: float) -> Iterator[Any]:
        """What another server must be told, so that it goes on from here."""
        self._first_index, self._is_back = self._next_index, True
        yield self._opened
        shown = max(map(self._begin_again, self._segments.values()), default=0)
        if self._pose:
            ahead_s = min(max(0.0, self._show.ends_s - now_s), MOST_AHEAD_S)
            yield Stand(self._opened.stream, shown, ahead_s, self._pose)
        if any(getattr(self._control, name) is not None for name in _GIVEN):
            yield self._control
        for segment in self._segments.values():
            yield from self._say_again(segment)

    def _begin_again(self, segment: _Segment) -> int:
        """Choose where a segment begins for another server; frames of it that have come."""
        shown = min(MOST_SHOWN, int(segment.heard_s / _FRAME_S + 0.01))  # whole ones
        place = self._place(max(0.0, segment.heard_s - shown * _FRAME_S))
        if place >= segment.end:  # it is over to its last frames
            shown, place = 0, self._place(segment.heard_s)
        segment.offset_s = place / self._bytes_per_s
        return shown

    def _say_again(self, segment: _Segment) -> Iterator[Any]:
        yield from _texts(segment)
        data = segment.since(self._place(segment.offset_s))
        self._again += len(data)
        for start in range(0, len(data), _PART_BYTES):
            yield Audio(self._opened.stream, segment.number, data[start : start + _PART_BYTES])
        if segment.is_ended:
            if not data:
                yield Audio(self._opened.stream, segment.number)
            yield End(self._opened.stream, segment.number)

    def _frame(self, frame: Frame, now_s: float) -> Frame | None:
        over = self._over if frame.segment == self._over.number else None
        segment = self._segments.get(frame.segment, over)
        if frame.segment == NO_SEGMENT:
            frame = self._living(frame)
        elif segment is not None:
            frame = replace(frame, pts_s=frame.pts_s + segment.offset_s)
            if frame.pts_s < segment.heard_s - _FRAME_S / 2:  # of a server without `stand`
                self._first_index -= 1
                return None
            segment.heard_s = frame.pts_s + _FRAME_S
            segment.let_go(self._place(segment.heard_s - MOST_SHOWN * _FRAME_S))
        if frame.segment != NO_SEGMENT:
            self._life_s = self._life_offset_s = 0.0
        self._is_back = False
        frame = replace(frame, index=frame.index + self._first_index)
        self._next_index, self._pose = frame.index + 1, frame.payload
        self._show.add(frame, now_s)
        return frame

    def _living(self, frame: Frame) -> Frame:
        """A frame between segments, at its time since the last one."""
        if self._is_back:
            self._life_offset_s = self._life_s - frame.pts_s
        frame = replace(frame, pts_s=frame.pts_s + self._life_offset_s)
        self._life_s = frame.pts_s + _FRAME_S
        return frame

    def _forget(self, numbers: Iterable[int]) -> None:
        """Segments that an interruption has cut."""
        self._show = _Show()
        for number in numbers:
            cut = self._segments.pop(number)
            self._shown += self._shown_of(cut)
            self._cut += cut.end - self._shown_of(cut)

    def _segment(self, number: int) -> _Segment:
        if number == NO_SEGMENT:
            raise ValueError("no segment was begun")
        return self._segments.setdefault(number, _Segment(number))

    def _place(self, time_s: float) -> int:
        """The byte at which a time of a segment begins."""
        return round(time_s * self._opened.rate_hz) * self._bytes_per_sample

    def _shown_of(self, segment: _Segment) -> int:
        """Bytes of a segment whose frames have come."""
        return min(self._place(segment.heard_s), segment.end)


def _texts(segment: _Segment) -> Iterator[Text]:
    """Words that are still to come, at times since where the segment begins now."""
    for text in segment.texts:
        if not text.times_s:
            if not segment.offset_s:
                yield text
            continue
        later = [
            (word, time_s - segment.offset_s)
            for word, time_s in zip(text.words, text.times_s, strict=True)
            if time_s >= segment.offset_s
        ]
        if later:
            words, times_s = zip(*later, strict=True)
            yield replace(text, words=list(words), times_s=list(times_s))
