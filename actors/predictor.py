"""Stage: speech tokens to keyframes, one step ahead of the sound."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.networks import PredictorNetwork
from actors.stage import rounds
from actors.text_queue import TextQueue
from umo_runtime.audio.framing import WARM_UP_FRAME
from umo_runtime.types import FRAMES_PER_KEYFRAME, IntArray, Keyframe, SpeechTokens


@dataclass(slots=True)
class _Stream:
    """Codes [Q] of the last four frames, and text that waits for a free slot."""

    codes: deque[IntArray]
    text: TextQueue = field(default_factory=TextQueue)


class PredictorStage:
    """SpeechTokens to Keyframe.

    The warm-up tokens yield keyframe 0. The tokens of frame 4k yield keyframe k + 1 from the codes
    of frames 4k - 3 .. 4k, before frame 0 those of the warm-up, and from the controls of frame 4k.

    Args:
        network: the keyframe predictor.
        seeds: seed of the sampling by stream, read when it begins; 0 for those not named.
    """

    def __init__(self, network: PredictorNetwork, seeds: Mapping[str, int] | None = None) -> None:
        self._network = network
        self._seeds: Mapping[str, int] = {} if seeds is None else seeds
        self._streams: dict[str, _Stream] = {}

    def process(self, items: Sequence[SpeechTokens]) -> list[Keyframe]:
        """Predict every keyframe that the tokens allow."""
        return [keyframe for batch in rounds(items) for keyframe in self._advance(batch)]

    def reset(self, stream: str) -> None:
        """Forget a stream; it begins again with its next warm-up tokens."""
        if self._streams.pop(stream, None) is not None:
            self._network.evict(stream)

    def _advance(self, batch: list[SpeechTokens]) -> list[Keyframe]:
        keyframes = [self._begin(item) for item in batch if item.frame == WARM_UP_FRAME]
        batch = [item for item in batch if item.stream in self._streams]  # none after a reset
        for item in batch:
            self._streams[item.stream].codes.append(item.codes)
            self._streams[item.stream].text.extend(item.text)
        due = [item for item in batch if item.frame % FRAMES_PER_KEYFRAME == 0]
        keyframes += self._step(due) if due else []
        for item in batch:
            if item.is_last:
                self.reset(item.stream)
        return keyframes

    def _begin(self, item: SpeechTokens) -> Keyframe:
        pose = self._network.admit(item.stream, self._seeds.get(item.stream, 0))
        before_start = [item.codes] * FRAMES_PER_KEYFRAME
        self._streams[item.stream] = _Stream(deque(before_start, FRAMES_PER_KEYFRAME))
        return Keyframe(item.stream, 0, pose, item.captured_s)

    def _step(self, due: list[SpeechTokens]) -> list[Keyframe]:
        states = [self._streams[item.stream] for item in due]
        poses = self._network.step(
            [item.stream for item in due],
            np.stack([np.stack(state.codes) for state in states]),
            np.stack([state.text.take() for state in states]),
            np.stack([item.controls.vector() for item in due]),
        )
        return [
            Keyframe(item.stream, item.frame // FRAMES_PER_KEYFRAME + 1, pose, item.captured_s)
            for item, pose in zip(due, poses, strict=True)
        ]
