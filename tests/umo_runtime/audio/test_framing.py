from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.audio.framing import FrameWindows, SpeechFramer, num_frames, samples_needed
from umo_runtime.types import LOOK_AHEAD_S, FloatArray

samples_strategy = st.integers(0, 9000)
sizes_strategy = st.lists(st.integers(1, 4000), min_size=1, max_size=5)


def make_samples(count: int) -> FloatArray:
    return np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)


def frame_all(samples: FloatArray, sizes: Sequence[int]) -> list[FrameWindows]:
    framer = SpeechFramer()
    parts, start, turn = [], 0, 0
    while start < len(samples):
        size = sizes[turn % len(sizes)]
        parts.append(framer.push(samples[start : start + size]))
        start, turn = start + size, turn + 1
    return [*parts, framer.flush()]


def by_definition(samples: FloatArray, frame: int) -> FloatArray:
    """The four windows of a frame [4, 400], straight from the definition, sample by sample."""
    windows = np.zeros((4, 400), np.float32)
    for row, mel in enumerate(range(4 * frame + 3, 4 * frame + 7)):
        end = round((mel + 1) * 16_000 / 120)
        for column, sample in enumerate(range(end - 400, end)):
            if 0 <= sample < len(samples):
                windows[row, column] = samples[sample]
    return windows


@given(count=samples_strategy, sizes=sizes_strategy)
def test_chunks_give_the_windows_of_the_whole_bit_for_bit(count: int, sizes: list[int]) -> None:
    samples = make_samples(count)
    parts = frame_all(samples, sizes)
    whole = np.concatenate([part.windows for part in frame_all(samples, [max(1, count)])])
    assert np.array_equal(np.concatenate([part.windows for part in parts]), whole)


@given(count=samples_strategy, sizes=sizes_strategy)
def test_frames_are_consecutive_from_the_warm_up_to_the_end(count: int, sizes: list[int]) -> None:
    expected = -1
    for part in frame_all(make_samples(count), sizes):
        assert part.first_frame == expected
        expected += len(part.windows)
    assert expected == (num_frames(count) if count else -1)


@pytest.mark.parametrize("count", [1, 399, 400, 533, 534, 1466, 1467, 5000])
def test_windows_are_where_the_definition_puts_them(count: int) -> None:
    samples = make_samples(count)
    windows = np.concatenate([part.windows for part in frame_all(samples, [count])])
    for frame, window in enumerate(windows, -1):
        assert np.array_equal(window, by_definition(samples, frame)), frame


@pytest.mark.parametrize("frame", [-1, 0, 1, 2, 29, 100])
def test_a_frame_comes_out_with_the_last_sample_it_needs_and_not_before(frame: int) -> None:
    needed = samples_needed(frame)
    assert needed == round((frame / 30 + LOOK_AHEAD_S) * 16_000)
    framer = SpeechFramer()
    framer.push(make_samples(needed - 1))
    assert framer.next_frame == frame
    assert framer.push(make_samples(1)).first_frame == frame
    assert framer.next_frame == frame + 1


def test_frames_cover_the_speech() -> None:
    assert [num_frames(count) for count in (0, 1, 533, 534, 16_000, 16_001)] == [0, 1, 1, 2, 30, 31]


def test_memory_does_not_grow_with_the_speech() -> None:
    framer = SpeechFramer()
    for _ in range(200):
        framer.push(make_samples(320))
    assert len(framer._held) < 1600
