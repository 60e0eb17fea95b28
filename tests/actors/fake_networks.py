"""Tiny deterministic networks: every output depends on the stream's whole input history.

They live up to the contract of `actors.networks` and refuse to be used against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.networks import TEXT_SLOTS
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FloatArray, IntArray

NUM_LEVELS, NUM_FEATURES, POSE_SIZE = 2, 3, 5


@dataclass
class Slots:
    """A number per admitted stream that remembers everything it was fed."""

    history: dict[str, float] = field(default_factory=dict)
    capacity: int = 64

    def admit(self, stream: str, start: float = 0.0) -> None:
        assert len(self.history) < self.capacity, f"{stream} finds no place"
        assert stream not in self.history, f"{stream} was admitted twice"
        self.history[stream] = start

    def evict(self, stream: str) -> None:
        del self.history[stream]

    def feed(self, streams: Sequence[str], *inputs: np.ndarray) -> list[float]:
        assert len(set(streams)) == len(streams) > 0
        for rows in inputs:
            assert len(rows) == len(streams)
        return [
            self._feed_row(stream, [rows[row] for rows in inputs])
            for row, stream in enumerate(streams)
        ]

    def _feed_row(self, stream: str, inputs: list[np.ndarray]) -> float:
        for value in inputs:
            weights = np.cos(np.arange(value.size, dtype=np.float64))
            self.history[stream] = 0.7 * self.history[stream] + float(value.ravel() @ weights)
        return self.history[stream]


def spread(values: list[float], *shape: int) -> FloatArray:
    """One number per row to an array [B, *shape] within -1..1."""
    size = int(np.prod(shape))
    angles = np.array(values)[:, None] + np.arange(1, size + 1)
    return np.sin(angles).astype(np.float32).reshape(len(values), *shape)


class FakeTokenizer(Slots):
    def step(self, streams: Sequence[str], windows: FloatArray) -> tuple[IntArray, FloatArray]:
        assert windows.shape[1:] == (4, 400) and windows.dtype == np.float32
        values = self.feed(streams, windows)
        codes = (np.abs(spread(values, NUM_LEVELS)) * 511).astype(np.int64)
        return codes, spread(values, NUM_FEATURES)


class FakePredictor(Slots):
    def admit(self, stream: str, seed: int = 0) -> FloatArray:
        super().admit(stream, float(seed))
        return np.zeros(POSE_SIZE, np.float32)

    def step(
        self, streams: Sequence[str], codes: IntArray, text: IntArray, controls: FloatArray
    ) -> FloatArray:
        assert codes.shape[1:] == (4, NUM_LEVELS) and codes.dtype == np.int64
        assert text.shape[1:] == (TEXT_SLOTS,) and text.dtype == np.int64
        assert controls.shape[1:] == (CONTROL_DIM,) and controls.dtype == np.float32
        return spread(self.feed(streams, codes, text, controls), POSE_SIZE)


class FakeInterpolator(Slots):
    def step(
        self,
        streams: Sequence[str],
        previous: FloatArray,
        following: FloatArray,
        phase: FloatArray,
        features: FloatArray,
        controls: FloatArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        assert previous.shape[1:] == following.shape[1:] == (POSE_SIZE,)
        assert phase.shape == (len(streams),) and phase.dtype == np.float32
        assert controls.shape[1:] == (CONTROL_DIM,) and controls.dtype == np.float32
        values = self.feed(streams, previous, following, phase, features, controls)
        rotations = spread(values, NUM_BONES, 4)
        rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
        return rotations, spread(values, 3), np.abs(spread(values, NUM_BLENDSHAPES))


@dataclass
class FakeNetworks:
    tokenizer: FakeTokenizer = field(default_factory=FakeTokenizer)
    predictor: FakePredictor = field(default_factory=FakePredictor)
    interpolator: FakeInterpolator = field(default_factory=FakeInterpolator)

    @property
    def num_admitted(self) -> int:
        return sum(
            len(network.history) for network in (self.tokenizer, self.predictor, self.interpolator)
        )
