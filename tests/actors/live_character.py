"""A session with a graph of tiny networks behind it, on a clock that tests move."""

from dataclasses import dataclass, field

import numpy as np

from actors.graph import SpeechGraph, build_graph
from actors.session import Session
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Cleared, Ended, Frame, Open
from tests.actors.fake_networks import FakeNetworks
from umo_runtime.types import AudioChunk, FloatArray, MotionFrame

TICK_S = 0.01
STREAM = "npc"


def encode(word: str) -> tuple[int, ...]:
    return tuple(word.encode())


def run_graph(graph: SpeechGraph, chunks: list[AudioChunk]) -> list[MotionFrame]:
    tokens = graph.tokenizer.process(chunks)
    keyframes = graph.predictor.process(tokens)
    return graph.interpolator.process([*tokens, *keyframes])


def sine(seconds: float) -> bytes:
    time = np.arange(round(seconds * 16_000)) / 16_000
    return (8000 * np.sin(2 * np.pi * 220 * time)).astype("<i2").tobytes()


@dataclass
class LiveCharacter:
    """A session that is served as a server would, with no delay but the ticks.

    Attributes:
        fed: every chunk that the graph got.
        got: clock time and message of everything that the client got.
    """

    opened: Open = field(default_factory=lambda: Open(STREAM))
    now_s: float = 100.0
    fed: list[AudioChunk] = field(default_factory=list)
    got: list[tuple[float, Frame | Ended | Cleared]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.networks = FakeNetworks()
        self.graph = build_graph(self.networks)
        self.session = Session(self.opened, "1", encode, self.now_s)

    def pump(self) -> None:
        """Feed the graph until it has nothing to do."""
        while chunks := self.session.advance(self.now_s):
            self.fed += chunks
            for frame in run_graph(self.graph, chunks):
                self.session.show(frame, self.now_s)
        self.got += [(self.now_s, message) for message in self.session.send(self.now_s)]

    def live(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK_S)):
            self.pump()
            self.now_s += TICK_S

    def clear(self) -> None:
        cleared, ending = self.session.clear(self.now_s)
        self.got.append((self.now_s, cleared))
        assert ending is not None
        stale = run_graph(self.graph, [ending])
        for frame in stale:
            self.session.show(frame, self.now_s)
        assert not self.session.send(self.now_s)

    @property
    def frames(self) -> list[Frame]:
        return [message for _, message in self.got if isinstance(message, Frame)]

    def faces(self) -> FloatArray:
        return np.stack([frame_values(frame)[2] for frame in self.frames])
