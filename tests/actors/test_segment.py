import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from actors.segment import Segment
from umo_runtime.errors import ServiceError


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


@given(st.lists(st.integers(0, 900), max_size=6), st.sampled_from((8_000, 24_000, 44_100, 48_000)))
def test_resampled_in_pieces_is_resampled_at_once(sizes: list[int], rate_hz: int) -> None:
    time = np.arange(6000) / rate_hz
    samples = np.sin(2 * np.pi * 300 * time).astype("<f4")
    segment = Segment(1, rate_hz, "f32")
    for piece in cut(samples.tobytes(), sizes, 4):
        segment.push(piece)
    segment.complete()
    whole = soxr.resample(samples, rate_hz, 16_000, quality="MQ")
    made = all_of(segment)
    assert abs(len(made) - len(whole)) <= 1
    shortest = min(len(made), len(whole))
    np.testing.assert_allclose(made[:shortest], whole[:shortest], atol=1e-4)


@pytest.mark.parametrize(("payload", "form"), [(b"abc", "s16"), (b"abcdef", "f32")])
def test_half_samples_are_refused(payload: bytes, form: str) -> None:
    with pytest.raises(ServiceError, match=r"no whole .* samples") as info:
        Segment(1, 16_000, form).push(payload)  # type: ignore[arg-type]
    assert info.value.code == "payload"


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ServiceError, match="not finite"):
        Segment(1, 16_000, "f32").push(np.array([0, np.nan], "<f4").tobytes())


def test_words_come_with_the_audio_that_they_belong_to() -> None:
    segment = Segment(1, 16_000, "s16")
    segment.say([("one", (5,)), ("two", (6, 7))], [0.05, 0.15])
    segment.push(bytes(2 * 16_000))
    told = []
    for _ in range(3):
        segment.take(1600)
        told.append(segment.take_words())
    assert told == [[(800, (5,))], [(2400, (6, 7))], []]


def test_words_without_times_follow_at_the_pace_of_speech() -> None:
    segment = Segment(1, 16_000, "s16")
    segment.say([("hello", (1,)), ("there", (2,))], [])
    segment.say([("friend", (3,))], [])
    segment.push(bytes(2 * 32_000))
    segment.take(32_000)
    places = [place / 16_000 for place, _ in segment.take_words()]
    assert places == [0.0, 0.4, 0.8]
