"""Stage: speech samples to tokens and features, 30 times a second."""

from collections.abc import Mapping, Sequence

import numpy as np

from actors.framer import FrameInput, Framer, PlacedText
from actors.networks import TokenizerNetwork
from actors.stage import rounds
from umo_runtime.audio.framing import WARM_UP_FRAME
from umo_runtime.types import AudioChunk, SpeechTokens


class TokenizerStage:
    """AudioChunk to SpeechTokens.

    The first tokens of a stream carry frame -1: the warm-up, whose codes stand for the time before
    the start. A frame carries the controls of the chunk that its time lies in.

    Args:
        network: the audio tokenizer.
        text: placed text tokens of streams that come with a transcript.
    """

    def __init__(
        self, network: TokenizerNetwork, text: Mapping[str, PlacedText] | None = None
    ) -> None:
        self._network = network
        self._framer = Framer(text)
        self._admitted: set[str] = set()

    def process(self, items: Sequence[AudioChunk]) -> list[SpeechTokens]:
        """Tokenize every frame that the chunks complete."""
        inputs = [frame for chunk in items for frame in self._framer.cut(chunk)]
        return [tokens for batch in rounds(inputs) for tokens in self._step(batch)]

    def reset(self, stream: str) -> None:
        """Forget a stream; its next chunk is its first."""
        self._framer.forget(stream)
        if stream in self._admitted:
            self._evict(stream)

    def _step(self, batch: list[FrameInput]) -> list[SpeechTokens]:
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
