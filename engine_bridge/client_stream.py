"""A character as a client directs it: what both the blocking and the asyncio client have in common.

Nothing here waits, so that `say`, `clear` and the others are plain calls in both.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engine_bridge.client_frame import ClientFrame
from engine_bridge.spoken import SpeechAccount, Spoken
from engine_bridge.wire import MAX_MESSAGE_BYTES
from engine_bridge.wire_messages import (
    NO_SEGMENT,
    Audio,
    Clear,
    Cleared,
    Closed,
    Control,
    End,
    Ended,
    Frame,
    Open,
    Opened,
    Playback,
    Refusal,
    Stats,
    Text,
)
from umo_runtime.errors import AudioError, ServiceError, UmoError

Event = ClientFrame | Ended | Cleared
_MAX_AUDIO_BYTES = MAX_MESSAGE_BYTES // 2
_MAX_WAITING = 9000  # messages, five minutes of life


class Inbox(Protocol):
    """Either kind of queue, `queue` or `asyncio`."""

    def put_nowait(self, item: Any, /) -> None:
        """Add an item."""
        ...

    def qsize(self) -> int:
        """Count the items."""
        ...


class ClientStream:
    """Sends what a character is told and sorts what comes back.

    Args:
        opened: how the stream was opened.
        send: takes a message, at once.
        events: gets frames, `Ended`, `Cleared` and errors.
        answers: gets what `open`, `stats` and `close` wait for.

    Attributes:
        segment: the newest segment, 0 before the first.
        spoken: what would be said again elsewhere.
    """

    def __init__(
        self, opened: Open, send: Callable[[Any], None], events: Inbox, answers: Inbox
    ) -> None:
        self.name = opened.stream
        self.segment = NO_SEGMENT
        self.spoken = Spoken(opened)
        self._is_opened = False
        self._returns = 0  # answers to come to an `Open` that nobody has asked for
        self._format = opened.format
        self._send = send
        self._events = events
        self._answers = answers
        self._is_speaking = False  # the newest segment takes more audio
        self._heard_segment = NO_SEGMENT  # all frames up to here have come, or will never come
        self._cut_segments: deque[int] = deque()  # by `clear`s that are not answered yet
        self._is_asking = False

    def say(self, samples: npt.ArrayLike) -> None:
        """Push speech of the current segment; begins one where there is none.

        Args:
            samples: mono, [N] int16 or float in -1..1, at the stream's rate.

        Raises:
            AudioError: the samples are of another kind or shape.
        """
        data = _as_bytes(np.asarray(samples), self._format)
        if not data:
            return
        self._begin()
        for start in range(0, len(data), _MAX_AUDIO_BYTES):
            part = data[start : start + _MAX_AUDIO_BYTES]
            self._send(Audio(self.name, self.segment, part))

    def text(self, words: Sequence[str], times_s: Sequence[float] = ()) -> None:
        """Tell what the current or next segment says; best before its audio."""
        self._begin()
        times = [float(time_s) for time_s in times_s]
        self._send(Text(self.name, self.segment, list(words), times))

    def end(self) -> None:
        """The current segment is complete; the next `say` begins another."""
        if self._is_speaking:
            self._is_speaking = False
            self._send(End(self.name, self.segment))

    def control(
        self,
        *,
        calmness: float | None = None,
        emotion: str | None = None,
        intensity: float | None = None,
        state: str | None = None,
        gaze_deg: Sequence[float] | None = None,
    ) -> None:
        """Direct the character from now on; `gaze_deg` is yaw left and pitch up, () frees it."""
        gaze = None if gaze_deg is None else [float(angle) for angle in gaze_deg]
        self._send(Control(self.name, calmness, emotion, intensity, state, gaze))

    def clear(self) -> None:
        """Interrupt: what was not played yet is forgotten."""
        self._is_speaking = False
        self._cut_segments.append(self.segment)
        self._send(Clear(self.name))

    def playback(self, position_s: float, segment: int | None = None) -> None:
        """Tell how far a segment, by default the newest, has been played."""
        self._send(Playback(self.name, segment or self.segment, float(position_s)))

    @property
    def account(self) -> SpeechAccount:
        """Where all that was said went; all zero where no server can be lost."""
        return self.spoken.account

    def again(self, now_s: float) -> Iterator[Any]:
        """What another server must be told, so that the character goes on there."""
        if self.spoken.is_closed:
            self._answers.put_nowait(Closed(self.name))
            return
        self._returns += self._is_opened
        for _ in self._cut_segments:  # by a server that will not say so any more
            self._events.put_nowait(Cleared(self.name, NO_SEGMENT))
        yield from self.spoken.again(now_s)

    def accept(self, message: Any) -> None:
        """Sort a message of this stream, or the error that ends them all."""
        if isinstance(message, Opened):
            self._is_opened = True
            if self._returns:
                self._returns -= 1
                return
        if isinstance(message, UmoError):
            self._answers.put_nowait(message)
        if isinstance(message, Refusal) and message.code == "busy" and self._cut_segments:
            self._cut_segments.popleft()  # this `clear` cut nothing
        is_answer = isinstance(message, Opened | Closed | Stats)
        if is_answer or (self._is_asking and isinstance(message, Refusal)):
            self._answers.put_nowait(message)
        elif not self._is_stale(message):
            self._events.put_nowait(message)

    def _is_stale(self, message: Any) -> bool:
        """Whoever reads too slowly misses frames of mere life, never speech."""
        is_life = isinstance(message, Frame) and message.segment == NO_SEGMENT
        return is_life and self._events.qsize() >= _MAX_WAITING

    def _begin(self) -> None:
        if not self._is_speaking:
            self.segment += 1
            self._is_speaking = True

    @property
    def _is_heard(self) -> bool:
        """Nothing that was said is still to come."""
        return self._heard_segment >= self.segment

    def _event(self, message: Any) -> Event:
        """What the user gets for a message."""
        event: Frame | Ended | Cleared = raise_if_refused(message)
        if isinstance(event, Frame):
            return ClientFrame.of(event)
        is_cut = isinstance(event, Cleared) and self._cut_segments
        heard = self._cut_segments.popleft() if is_cut else event.segment
        self._heard_segment = max(self._heard_segment, heard)
        return event


def raise_if_refused(message: Any) -> Any:
    """Pass a message on.

    Raises:
        ServiceError: it is a refusal.
        UmoError: it is that error.
    """
    if isinstance(message, Refusal):
        raise ServiceError(message.code, message.reason)
    if isinstance(message, UmoError):
        raise message
    return message


def _as_bytes(samples: npt.NDArray[Any], wire_format: str) -> bytes:
    if samples.ndim != 1 or not (samples.dtype == np.int16 or samples.dtype.kind == "f"):
        raise AudioError(
            f"samples are {samples.dtype} {list(samples.shape)}; give mono int16 or float in -1..1"
        )
    if not np.isfinite(samples).all():
        raise AudioError("samples are not all finite; give float in -1..1")
    if wire_format == "f32":
        scale = 1 / 32768 if samples.dtype == np.int16 else 1
        return (samples * np.float32(scale)).astype("<f4").tobytes()
    if samples.dtype.kind == "f":
        samples = np.clip(samples * np.float32(32768), -32768, 32767).round()
    return samples.astype("<i2").tobytes()
