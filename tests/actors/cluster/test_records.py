from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.cluster.records import (
    MOST_BYTES,
    decode_chunks,
    decode_frames,
    encode_chunks,
    encode_frames,
)
from umo_runtime.controls import EMOTIONS, STATES, Controls
from umo_runtime.types import AudioChunk, MotionFrame

UNIT = st.floats(0, 1)
CONTROLS = st.builds(
    Controls,
    UNIT,
    st.sampled_from(EMOTIONS),
    UNIT,
    st.sampled_from(STATES),
    st.none() | st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
WORDS = st.tuples(st.integers(-(2**40), 2**40), st.lists(st.integers(0, 2**32 - 1)).map(tuple))
CHUNKS = st.builds(
    AudioChunk,
    NAMES,
    st.integers(0, 2**50),
    st.integers(0, 700).map(lambda count: np.linspace(-1, 1, count, dtype=np.float32)),
    st.floats(0, 1e9),
    st.booleans(),
    CONTROLS,
    st.lists(WORDS, max_size=3).map(tuple),
)


@given(st.lists(st.tuples(CHUNKS, st.integers(0, 2**32 - 1)), max_size=5))
def test_chunks_come_back_as_they_were(seeded: list[tuple[AudioChunk, int]]) -> None:
    records = list(encode_chunks(seeded))
    assert sum(count for _, count in records) == len(seeded)
    back = [item for data, _ in records for item in decode_chunks(data)]
    assert [seed for _, seed in back] == [seed for _, seed in seeded]
    for (got, _), (sent, _) in zip(back, seeded, strict=True):
        np.testing.assert_array_equal(got.samples, sent.samples)
        assert replace(got, samples=sent.samples) == sent


def frame(stream: str, index: int) -> MotionFrame:
    values = np.random.default_rng(index).random(275, np.float32)
    return MotionFrame(
        stream,
        index,
        index / 30,
        values[:220].reshape(55, 4),
        values[220:223],
        values[223:],
        index / 7,
        index % 2 == 1,
    )


def test_many_frames_come_back_in_records_of_a_bounded_size() -> None:
    frames = [frame("é" * (index % 5) + "x", index) for index in range(200)]
    records = list(encode_frames(frames))
    assert len(records) > 1
    assert all(len(data) < MOST_BYTES + 1200 for data, _ in records)
    back = [item for data, _ in records for item in decode_frames(data)]
    for got, sent in zip(back, frames, strict=True):
        for part in ("rotations", "root_position", "blendshapes"):
            np.testing.assert_array_equal(getattr(got, part), getattr(sent, part))
        assert (got.stream, got.index, got.time_s, got.captured_s, got.is_last) == (
            *(sent.stream, sent.index, sent.time_s, sent.captured_s, sent.is_last),
        )


def test_nothing_makes_no_record() -> None:
    assert not list(encode_chunks([])) and not list(encode_frames([]))
