"""What a client has said and not heard back: said again when the shard that had it is gone."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine_bridge.wire_messages import (
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
    Text,
)

_FRAME_S = 1 / 30
_GIVEN = ("calmness", "emotion", "intensity", "state", "gaze_deg")


@dataclass(slots=True)
class _Segment:
    """One segment, from a sample on.

    Attributes:
        number: of it.
        start: bytes of it that are no longer here.
        offset_s: where it begins for the server.
        heard_s: up to where its frames have come.
    """

    number: int
    start: int = 0
    offset_s: float = 0.0
    heard_s: float = 0.0
    parts: deque[bytes] = field(default_factory=deque)
    texts: list[Text] = field(default_factory=list)
    is_ended: bool = False


class Spoken:
    """Keeps what one character was told.

    Args:
        opened: how its stream was opened.

    Attributes:
        is_closed: it was told to end.
    """

    def __init__(self, opened: Open) -> None:
        self.is_closed = False
        self._opened = opened
        self._bytes_per_sample = 2 if opened.format == "s16" else 4
        self._control = Control(opened.stream)
        self._segments: dict[int, _Segment] = {}
        self._next_index = self._first_index = 0

    def said(self, message: Any) -> None:
        """Keep what is sent."""
        if isinstance(message, Control):
            told = {name: getattr(message, name) for name in _GIVEN}
            known = {name: value for name, value in told.items() if value is not None}
            self._control = replace(self._control, **known)
        elif isinstance(message, Audio):
            self._segment(message.segment).parts.append(message.payload)
        elif isinstance(message, Text):
            self._segment(message.segment).texts.append(message)
        elif isinstance(message, End):
            self._segment(message.segment).is_ended = True
        elif isinstance(message, Clear):
            self._segments.clear()
        elif isinstance(message, Close):
            self.is_closed = True

    def heard(self, message: Any) -> Any:
        """What came, in the times of the client's own segments."""
        if isinstance(message, Frame):
            message = replace(message, index=message.index + self._first_index)
            self._next_index = message.index + 1
            segment = self._segments.get(message.segment)
            if segment is not None:
                message = replace(message, pts_s=message.pts_s + segment.offset_s)
                segment.heard_s = message.pts_s + _FRAME_S
                self._let_go(segment)
        elif isinstance(message, Ended):
            ended = self._segments.pop(message.segment, None)
            if ended is not None:
                message = replace(message, duration_s=message.duration_s + ended.offset_s)
        elif isinstance(message, Cleared):
            for number in [number for number in self._segments if number <= message.segment]:
                del self._segments[number]
        return message

    def told(self, message: Any) -> Any:
        """What is sent, in the server's times."""
        if isinstance(message, Playback) and message.segment in self._segments:
            offset_s = self._segments[message.segment].offset_s
            return replace(message, position_s=max(0.0, message.position_s - offset_s))
        return message

    def again(self) -> Iterator[Any]:
        """What another server must be told, so that it goes on from here."""
        self._first_index = self._next_index
        yield self._opened
        if any(getattr(self._control, name) is not None for name in _GIVEN):
            yield self._control
        for segment in self._segments.values():
            place = self._place(segment.heard_s)
            segment.offset_s = place / self._bytes_per_sample / self._opened.rate_hz
            yield from _texts(segment)
            data = b"".join(segment.parts)[max(0, place - segment.start) :]
            size = 1 << 18
            for start in range(0, len(data), size):
                yield Audio(self._opened.stream, segment.number, data[start : start + size])
            if segment.is_ended:
                if not data:  # a segment that is over to its last frames
                    yield Audio(self._opened.stream, segment.number)
                yield End(self._opened.stream, segment.number)

    def _segment(self, number: int) -> _Segment:
        if number == NO_SEGMENT:
            raise ValueError("no segment was begun")
        return self._segments.setdefault(number, _Segment(number))

    def _place(self, time_s: float) -> int:
        """The byte at which a time of a segment begins."""
        return round(time_s * self._opened.rate_hz) * self._bytes_per_sample

    def _let_go(self, segment: _Segment) -> None:
        place = self._place(segment.heard_s)
        while segment.parts and segment.start + len(segment.parts[0]) <= place:
            segment.start += len(segment.parts.popleft())


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
