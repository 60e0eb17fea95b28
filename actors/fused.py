"""Stage: speech samples to dense frames, where one engine runs all networks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.frame_rate import FrameRate, OutputFrames
from actors.framer import FrameInput, Framer, PlacedText
from actors.networks import FusedNetworks
from actors.stage import rounds
from actors.text_queue import TextQueue
from umo_runtime.audio.framing import WARM_UP_FRAME
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME, AudioChunk, IntArray, MotionFrame

_NO_TEXT = TextQueue().take()


@dataclass(slots=True)
class _Stream:
    output: OutputFrames
    text: TextQueue = field(default_factory=TextQueue)


class FusedStage:
    """AudioChunk to MotionFrame; the frames are those of the three stages in a row.

    Args:
        networks: all of them as one.
        fps: 30, or 60 to put a midpoint before every frame but the first.
        seeds: seed of the motion by stream, read when it begins; 0 for those not named.
        text: placed text tokens of streams that come with a transcript.
    """

    def __init__(
        self,
        networks: FusedNetworks,
        fps: FrameRate = 30,
        seeds: Mapping[str, int] | None = None,
        text: Mapping[str, PlacedText] | None = None,
    ) -> None:
        self._networks, self._fps = networks, fps
        self._seeds: Mapping[str, int] = {} if seeds is None else seeds
        self._framer = Framer(text)
        self._streams: dict[str, _Stream] = {}

    def process(self, items: Sequence[AudioChunk]) -> list[MotionFrame]:
        """Make every frame that the chunks complete."""
        inputs = [frame for chunk in items for frame in self._framer.cut(chunk)]
        return [frame for batch in rounds(inputs) for frame in self._advance(batch)]

    def reset(self, stream: str) -> None:
        """Forget a stream; its next chunk is its first."""
        self._framer.forget(stream)
        if self._streams.pop(stream, None) is not None:
            self._networks.evict(stream)

    def _advance(self, batch: list[FrameInput]) -> list[MotionFrame]:
        if beginning := [item for item in batch if item.frame == WARM_UP_FRAME]:
            self._begin(beginning)
        playing = [item for item in batch if item.frame != WARM_UP_FRAME]
        frames = self._step(playing) if playing else []
        for item in batch:
            if item.is_last:
                self._networks.evict(item.stream)
                del self._streams[item.stream]
        return frames

    def _begin(self, batch: list[FrameInput]) -> None:
        names = [item.stream for item in batch]
        seeds = [self._seeds.get(name, 0) for name in names]
        self._networks.begin(names, seeds, np.stack([item.window for item in batch]))
        for item in batch:
            self._streams[item.stream] = state = _Stream(OutputFrames(self._fps))
            state.text.extend(item.text)

    def _step(self, batch: list[FrameInput]) -> list[MotionFrame]:
        rotations, root_position, blendshapes = self._networks.step(
            [item.stream for item in batch],
            np.stack([item.window for item in batch]),
            np.stack([self._text_of(item) for item in batch]),
            np.stack([item.controls.vector() for item in batch]),
        )
        frames: list[MotionFrame] = []
        for row, item in enumerate(batch):
            frame = MotionFrame(
                stream=item.stream,
                index=item.frame,
                time_s=item.frame / FRAME_RATE_HZ,
                rotations=rotations[row],
                root_position=root_position[row],
                blendshapes=blendshapes[row],
                captured_s=item.captured_s,
                is_last=item.is_last,
            )
            frames.extend(self._streams[item.stream].output.add(frame))
        return frames

    def _text_of(self, item: FrameInput) -> IntArray:
        """Tokens that its keyframe takes, [8]; none where no keyframe is due."""
        waiting = self._streams[item.stream].text
        waiting.extend(item.text)
        return waiting.take() if item.frame % FRAMES_PER_KEYFRAME == 0 else _NO_TEXT
