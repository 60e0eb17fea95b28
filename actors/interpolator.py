"""Stage: keyframes and audio features to dense frames."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.frame_rate import FrameRate, OutputFrames
from actors.networks import InterpolatorNetwork
from umo_runtime.audio.framing import WARM_UP_FRAME
from umo_runtime.types import (
    FRAME_RATE_HZ,
    FRAMES_PER_KEYFRAME,
    Keyframe,
    MotionFrame,
    SpeechTokens,
)


@dataclass(frozen=True, slots=True)
class _FrameInput:
    """Everything one frame is made of."""

    tokens: SpeechTokens
    previous: Keyframe
    following: Keyframe

    @property
    def phase(self) -> float:
        """Position between the keyframes, 0 to below 1."""
        return self.tokens.frame % FRAMES_PER_KEYFRAME / FRAMES_PER_KEYFRAME

    @property
    def captured_s(self) -> float:
        return max(self.tokens.captured_s, self.previous.captured_s, self.following.captured_s)


@dataclass(slots=True)
class _Stream:
    """Tokens and keyframes that wait for each other, and the frames sent so far."""

    output: OutputFrames
    tokens: deque[SpeechTokens] = field(default_factory=deque)
    keyframes: deque[Keyframe] = field(default_factory=deque)
    has_warm_up: bool = False
    has_first_keyframe: bool = False
    is_admitted: bool = False

    def keep(self, item: SpeechTokens | Keyframe) -> None:
        """Store an item until its frame is due; what a reset left in flight is ignored."""
        if isinstance(item, Keyframe):
            self.has_first_keyframe |= item.index == 0
            if self.has_first_keyframe:
                self.keyframes.append(item)
        else:
            self.has_warm_up |= item.frame == WARM_UP_FRAME
            if self.has_warm_up:
                self.tokens.append(item)

    def next_input(self) -> _FrameInput | None:
        """Take the next frame's input once all of it is there."""
        if self.tokens and self.tokens[0].frame == WARM_UP_FRAME:
            self.tokens.popleft()  # it only says that a stream begins
        if not self.tokens:
            return None
        segment = self.tokens[0].frame // FRAMES_PER_KEYFRAME
        if self.keyframes and self.keyframes[0].index < segment:
            self.keyframes.popleft()
        if len(self.keyframes) < 2:
            return None
        return _FrameInput(self.tokens.popleft(), self.keyframes[0], self.keyframes[1])


class InterpolatorStage:
    """SpeechTokens and Keyframe to MotionFrame.

    Frame f lies between keyframes f // 4 and f // 4 + 1 and waits until both are there; the
    predictor is one step ahead, so both follow from audio the frame may use anyway.

    Args:
        network: the interpolator.
        fps: 30, or 60 to put a midpoint before every frame but the first.
    """

    def __init__(self, network: InterpolatorNetwork, fps: FrameRate = 30) -> None:
        self._network = network
        self._fps: FrameRate = fps
        self._streams: dict[str, _Stream] = {}

    def process(self, items: Sequence[SpeechTokens | Keyframe]) -> list[MotionFrame]:
        """Make every frame whose tokens and keyframes are there."""
        for item in items:
            if item.stream not in self._streams:
                self._streams[item.stream] = _Stream(OutputFrames(self._fps))
            self._streams[item.stream].keep(item)
        touched = dict.fromkeys(item.stream for item in items)
        frames: list[MotionFrame] = []
        while batch := self._ready(touched):
            frames.extend(self._step(batch))
        return frames

    def reset(self, stream: str) -> None:
        """Forget a stream; it begins again with its next keyframe 0 and frame 0."""
        state = self._streams.pop(stream, None)
        if state is not None and state.is_admitted:
            self._network.evict(stream)

    def _ready(self, streams: dict[str, None]) -> list[_FrameInput]:
        """Take the next input of every stream that has one."""
        known = (self._streams[stream] for stream in streams if stream in self._streams)
        return [ready for state in known if (ready := state.next_input()) is not None]

    def _step(self, batch: list[_FrameInput]) -> list[MotionFrame]:
        for item in batch:
            self._admit(item.tokens.stream)
        rotations, root_position, blendshapes = self._network.step(
            [item.tokens.stream for item in batch],
            np.stack([item.previous.pose for item in batch]),
            np.stack([item.following.pose for item in batch]),
            np.array([item.phase for item in batch], np.float32),
            np.stack([item.tokens.features for item in batch]),
            np.stack([item.tokens.controls.vector() for item in batch]),
        )
        frames: list[MotionFrame] = []
        for row, item in enumerate(batch):
            frame = MotionFrame(
                stream=item.tokens.stream,
                index=item.tokens.frame,
                time_s=item.tokens.frame / FRAME_RATE_HZ,
                rotations=rotations[row],
                root_position=root_position[row],
                blendshapes=blendshapes[row],
                captured_s=item.captured_s,
                is_last=item.tokens.is_last,
            )
            frames.extend(self._streams[frame.stream].output.add(frame))
            if frame.is_last:
                self._end(frame.stream)
        return frames

    def _admit(self, stream: str) -> None:
        state = self._streams[stream]
        if not state.is_admitted:
            self._network.admit(stream)
            state.is_admitted = True

    def _end(self, stream: str) -> None:
        """Drop what the ended stream used; items of its next life may already wait behind."""
        state = self._streams[stream]
        self._network.evict(stream)
        state.is_admitted = False
        state.output = OutputFrames(self._fps)
        for _ in range(2):
            state.keyframes.popleft()
        if not state.tokens and not state.keyframes:
            del self._streams[stream]
