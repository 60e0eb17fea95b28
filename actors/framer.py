"""Cuts the chunks of many streams into what each of their frames is made from."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from actors.control_track import ControlTrack
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.controls import Controls
from umo_runtime.errors import AudioError
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, AudioChunk, FloatArray

PlacedText = Mapping[int, tuple[int, ...]]  # text tokens by the frame in which their word is told


@dataclass(frozen=True, slots=True)
class FrameInput:
    """One frame's share of a stream.

    Attributes:
        stream: which avatar.
        frame: its number; -1 is the warm-up.
        window: samples of its mel windows, [4, 400].
        captured_s: when the last chunk that it needed was captured.
        is_last: the stream ends with it.
        controls: that hold at its time.
        text: tokens of the words that are told in it.
    """

    stream: str
    frame: int
    window: FloatArray
    captured_s: float
    is_last: bool
    controls: Controls
    text: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Timeline:
    """What a stream's frames are cut from."""

    speech: SpeechFramer = field(default_factory=SpeechFramer)
    controls: ControlTrack = field(default_factory=ControlTrack)
    words: deque[tuple[int, tuple[int, ...]]] = field(default_factory=deque)

    def text_of(self, frame: int) -> tuple[int, ...]:
        """Take the tokens of the words that are told before the next frame."""
        told: tuple[int, ...] = ()
        while self.words and self.words[0][0] * FRAME_RATE_HZ < (frame + 1) * SAMPLE_RATE_HZ:
            told += self.words.popleft()[1]
        return told


class Framer:
    """Chunks to frames. Chunks that a live channel dropped are heard as silence: time never slips.

    Args:
        text: placed text tokens of streams that come with a transcript.
    """

    def __init__(self, text: Mapping[str, PlacedText] | None = None) -> None:
        self._text = dict(text or {})
        self._timelines: dict[str, _Timeline] = {}

    def forget(self, stream: str) -> None:
        """Drop what waits of a stream; its next chunk is its first. Unknown is fine."""
        self._timelines.pop(stream, None)

    def cut(self, chunk: AudioChunk) -> list[FrameInput]:
        """Return the frames that become complete with this chunk; its time is theirs.

        Raises:
            AudioError: it goes back in time.
        """
        timeline = self._timelines.setdefault(chunk.stream, _Timeline())
        framer = timeline.speech
        timeline.controls.tell(chunk.start_sample, chunk.controls)
        timeline.words.extend(chunk.words)
        cut = [framer.push(_without_gap(framer, chunk))]
        if chunk.is_last:
            cut.append(framer.flush())
            del self._timelines[chunk.stream]
        end = framer.next_frame
        return [
            FrameInput(
                chunk.stream,
                frame,
                window,
                chunk.captured_s,
                chunk.is_last and frame == end - 1,
                timeline.controls.at(frame),
                self._placed(chunk.stream, frame) + timeline.text_of(frame),
            )
            for part in cut
            for frame, window in enumerate(part.windows, part.first_frame)
        ]

    def _placed(self, stream: str, frame: int) -> tuple[int, ...]:
        return self._text.get(stream, {}).get(frame, ())


def _without_gap(framer: SpeechFramer, chunk: AudioChunk) -> FloatArray:
    """Return the chunk's samples [N], with silence in front where earlier ones are missing."""
    missing = chunk.start_sample - framer.num_samples
    if missing < 0:
        raise AudioError(
            f"audio of stream {chunk.stream} goes back from sample {framer.num_samples} to "
            f"{chunk.start_sample}; reset the stream first"
        )
    if missing == 0:
        return chunk.samples
    return np.concatenate((np.zeros(missing, np.float32), chunk.samples))
