"""The graph as a service: streams come and go while it runs.

One thread a stage, as in the embedded runner. Chunks must be small and few per stream (see
`session`), because a stage takes what has come from all streams together.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from actors.channel import Channel, ChannelClosed
from actors.crew import Crew
from actors.embedded import serve
from actors.fused import FusedStage
from actors.graph import build_graph
from actors.networks import FusedNetworks, SpeechNetworks
from actors.stage import Stage
from umo_runtime.types import AudioChunk, Keyframe, MotionFrame, SpeechTokens

X = TypeVar("X")
Deliver = Callable[[list[MotionFrame]], None]
_MAX_BATCH = 256  # items a stage takes at once; bounds how long the others wait
_MAX_FUSED = 1 << 14  # on a device thousands take little longer than one
_AUDIO_CAPACITY = 1 << 16  # bounded by the sessions, each of which waits for its frames


class SpeechService:
    """Speech of many streams in, frames out; a context manager.

    Args:
        networks: hold twice as many streams as live at once: one that is cut ends in its own time.
            The three have a thread each; as one they have one.
        deliver: gets the frames of all streams as they are made, in a thread of the service.
        seeds: by stream, read when a stream begins; 0 for those not there.
    """

    def __init__(
        self,
        networks: SpeechNetworks,
        deliver: Deliver,
        seeds: Mapping[str, int] | None = None,
    ) -> None:
        self._networks, self._seeds = networks, seeds
        self._deliver = deliver
        self._audio: Channel[AudioChunk] = Channel(_AUDIO_CAPACITY)
        self._tokens: Channel[SpeechTokens] = Channel(_AUDIO_CAPACITY)
        self._joined: Channel[SpeechTokens | Keyframe] = Channel(_AUDIO_CAPACITY, writers=2)
        self._crew = Crew((self._audio, self._tokens, self._joined))

    def __enter__(self) -> Self:
        self._crew.__enter__()
        if isinstance(self._networks, FusedNetworks):
            stage = FusedStage(self._networks, seeds=self._seeds)
            self._crew.start("frames", partial(self._show, stage, self._audio, _MAX_FUSED))
            return self
        graph = build_graph(self._networks, seeds=self._seeds)
        self._crew.start(
            "interpolator", partial(self._show, graph.interpolator, self._joined, _MAX_BATCH)
        )
        self._crew.start(
            "predictor", partial(serve, graph.predictor, self._tokens, (self._joined,))
        )
        outboxes = (self._tokens, self._joined)
        self._crew.start("tokenizer", partial(serve, graph.tokenizer, self._audio, outboxes))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._audio.close()
        self._crew.__exit__(kind, error, trace)

    def push(self, chunk: AudioChunk) -> None:
        """Take a chunk; a stream begins with its first one and ends with its last one.

        Nothing happens once the service has ended; `check` tells whether it should not have.
        """
        with suppress(ChannelClosed):
            self._audio.put(chunk)

    def check(self) -> None:
        """Notice that a stage has failed.

        Raises:
            Exception: whatever the stage raised, unchanged.
        """
        if self._crew.error is not None:
            raise self._crew.error

    def _show(self, stage: Stage[X, MotionFrame], inbox: Channel[X], most: int) -> None:
        while True:
            try:
                items = inbox.get_batch(most)
            except ChannelClosed:
                return
            if frames := stage.process(items):
                self._deliver(frames)
