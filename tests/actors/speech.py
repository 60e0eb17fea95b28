"""Speech-like samples and ways to cut and compare them."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np

from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.types import AudioChunk, FloatArray, MotionFrame


def make_samples(count: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, count).astype(np.float32)


def chunked(
    samples: FloatArray,
    sizes: Sequence[int],
    stream: str = "a",
    changes: Mapping[int, Controls] | None = None,
) -> list[AudioChunk]:
    """Cut samples into chunks of the given sizes, over and over; the last one ends the stream.

    Args:
        samples: [N].
        sizes: of the chunks; a chunk ends early where controls change.
        stream: theirs.
        changes: controls by the sample from which they hold; neutral before.
    """
    chunks: list[AudioChunk] = []
    start, controls, changes = 0, NEUTRAL, dict(changes or {})
    for size in cycle(sizes):
        controls = changes.get(start, controls)
        end = min([start + size, *(place for place in changes if start < place < start + size)])
        is_last = end >= len(samples)
        part = samples[start:end]
        chunks.append(AudioChunk(stream, start, part, start / 16_000, is_last, controls))
        start = end
        if is_last:
            return chunks
    raise AssertionError


def bytes_of(frames: Sequence[MotionFrame]) -> list[tuple[object, ...]]:
    """Everything about frames but `captured_s`, comparable bit for bit."""
    return [
        (
            frame.stream,
            frame.index,
            frame.time_s,
            frame.rotations.tobytes(),
            frame.root_position.tobytes(),
            frame.blendshapes.tobytes(),
            frame.is_last,
        )
        for frame in frames
    ]
