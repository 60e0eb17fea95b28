import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.segment import Segment
from umo_runtime.audio.resampling import StreamResampler
from umo_runtime.errors import ServiceError
from umo_runtime.tokenizer.text import LEAD_FRAMES


def all_of(segment: Segment, most: int = 1600) -> np.ndarray:
    parts = []
    while segment.has_audio:
        parts.append(segment.take(most))
        assert 0 < len(parts[-1]) <= most
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def cut(data: bytes, sizes: list[int], width: int) -> list[bytes]:
    places = np.cumsum([0, *sizes]) * width
    return [data[a:b] for a, b in zip(places, [*places[1:], len(data)], strict=True)]


@given(st.lists(st.integers(0, 700), max_size=8), st.integers(1, 900))
def test_samples_come_out_as_they_went_in_however_they_are_cut(sizes: list[int], most: int) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32767, 4000).astype("<i2")
    segment = Segment(1, 16_000, "s16")
    for piece in cut(samples.tobytes(), sizes, 2):
        segment.push(piece)
    segment.complete()
    np.testing.assert_array_equal(all_of(segment, most), samples.astype(np.float32) / 32768)
    assert segment.num_fed == 4000


RATES = (8_000, 22_050, 24_000, 44_100, 48_000, 191_999)


@given(st.lists(st.integers(0, 900), max_size=6), st.sampled_from(RATES))
def test_resampled_in_pieces_is_resampled_at_once(sizes: list[int], rate_hz: int) -> None:
    time = np.arange(6000) / rate_hz
    samples = np.sin(2 * np.pi * 300 * time).astype("<f4")
    segment = Segment(1, rate_hz, "f32")
    for piece in cut(samples.tobytes(), sizes, 4):
        segment.push(piece)
    segment.complete()
    whole = StreamResampler(rate_hz)
    np.testing.assert_array_equal(all_of(segment), [*whole.push(samples), *whole.flush()])
    assert segment.num_fed == -(-6000 * 16_000 // rate_hz)


@pytest.mark.parametrize("rate_hz", RATES)
def test_live_audio_is_there_at_once(rate_hz: int) -> None:
    segment = Segment(1, rate_hz, "s16")
    for number in range(1, 6):
        segment.push(bytes(2 * (rate_hz // 50)))
        late_s = number * (rate_hz // 50) / rate_hz - segment.num_waiting / 16_000
        assert late_s < 0.003


@pytest.mark.parametrize(("payload", "form"), [(b"abc", "s16"), (b"abcdef", "f32")])
def test_half_samples_are_refused(payload: bytes, form: str) -> None:
    with pytest.raises(ServiceError, match=r"no whole .* samples") as info:
        Segment(1, 16_000, form).push(payload)  # type: ignore[arg-type]
    assert info.value.code == "payload"


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ServiceError, match="not finite"):
        Segment(1, 16_000, "f32").push(np.array([0, np.nan], "<f4").tobytes())


def sample_of(frame: int) -> int:
    return -(-frame * 1600 // 3)


def test_words_are_told_ahead_of_their_audio() -> None:
    segment = Segment(2, 16_000, "s16")
    segment.say([("one", (5,)), ("two", (6, 7)), ("ten", (8,))], [0.05, 1.0, 5.0])
    begin = 16_000  # frame 30
    one, two = (sample_of(frame - LEAD_FRAMES) for frame in (31, 60))
    assert segment.take_words(begin, one) == []
    assert segment.take_words(begin, one + 1) == [(one, (5,))]
    assert segment.take_words(begin, begin + 16_000) == [(two, (6, 7))]
    assert segment.num_words == 1


def test_what_is_said_too_late_is_told_at_once_and_nothing_before_the_beginning() -> None:
    segment = Segment(1, 16_000, "s16")
    segment.say([("one", (1,)), ("two", (2,))], [-3.0, 0.2])
    assert segment.take_words(0, 100) == [(0, (1,)), (0, (2,))]
    segment.say([("three", (3,))], [0.0])
    assert segment.take_words(32_000, 64_000) == [(sample_of(60 - LEAD_FRAMES), (3,))]


def test_words_without_times_follow_at_the_pace_of_speech() -> None:
    segment = Segment(1, 16_000, "s16")
    segment.say([("hello", (1,)), ("there", (2,))], [])
    segment.say([("friend", (3,))], [])
    places = [place for place, _ in segment.take_words(32_000, 64_000)]
    assert places == [sample_of(frame - LEAD_FRAMES) for frame in (60, 72, 84)]
