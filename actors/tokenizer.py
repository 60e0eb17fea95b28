"""Stage: speech samples to tokens and features, 30 times a second."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.control_track import ControlTrack
from actors.networks import TokenizerNetwork
from actors.stage import rounds
from umo_runtime.audio.framing import WARM_UP_FRAME, SpeechFramer
from umo_runtime.controls import Controls
from umo_runtime.errors import AudioError
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, AudioChunk, FloatArray, SpeechTokens

PlacedText = Mapping[int, tuple[int, ...]]  # text tokens by the frame in which their word is told


@dataclass(frozen=True, slots=True)
class _FrameInput:
    """The audio of one frame. `window` is [4, 400]."""

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


class TokenizerStage:
    """AudioChunk to SpeechTokens.

    The first tokens of a stream carry frame -1: the warm-up, whose codes stand for the time before
    the start. Chunks that a live channel dropped are heard as silence, so time never slips. A frame
    carries the controls of the chunk that its time lies in.

    Args:
        network: the audio tokenizer.
        text: placed text tokens of streams that come with a transcript.
    """

    def __init__(
        self, network: TokenizerNetwork, text: Mapping[str, PlacedText] | None = None
    ) -> None:
        self._network = network
        self._text = dict(text or {})
        self._timelines: dict[str, _Timeline] = {}
        self._admitted: set[str] = set()

    def process(self, items: Sequence[AudioChunk]) -> list[SpeechTokens]:
        """Tokenize every frame that the chunks complete."""
        inputs = [frame for chunk in items for frame in self._cut(chunk)]
        return [tokens for batch in rounds(inputs) for tokens in self._step(batch)]

    def reset(self, stream: str) -> None:
        """Forget a stream; its next chunk is its first."""
        self._timelines.pop(stream, None)
        if stream in self._admitted:
            self._evict(stream)

    def _cut(self, chunk: AudioChunk) -> list[_FrameInput]:
        """Return the frames that become complete with this chunk; its time is theirs."""
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
            _FrameInput(
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

    def _step(self, batch: list[_FrameInput]) -> list[SpeechTokens]:
        for item in batch:
            if item.frame == WARM_UP_FRAME:
                self._network.admit(item.stream)
                self._admitted.add(item.stream)
        codes, features = self._network.step(
            [item.stream for item in batch], np.stack([item.window for item in batch])
        )
        for item in batch:
            if item.is_last:
                self._evict(item.stream)
        return [
            SpeechTokens(
                stream=item.stream,
                frame=item.frame,
                codes=codes[row],
                features=features[row],
                text=item.text,
                captured_s=item.captured_s,
                is_last=item.is_last,
                controls=item.controls,
            )
            for row, item in enumerate(batch)
        ]

    def _evict(self, stream: str) -> None:
        self._network.evict(stream)
        self._admitted.remove(stream)


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
