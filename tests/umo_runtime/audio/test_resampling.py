import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.audio.resampling import StreamResampler
from umo_runtime.errors import AudioError
from umo_runtime.types import FloatArray

RATES = (8_000, 11_025, 12_000, 22_050, 24_000, 44_099, 44_100, 48_000, 96_000, 191_999)


def tone(frequency_hz: float, rate_hz: int, seconds: float = 0.5) -> FloatArray:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * times).astype(np.float32)


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_tone_keeps_height_time_and_loudness(rate_hz: int) -> None:
    heard = StreamResampler(rate_hz).push(tone(1000, rate_hz))
    expected = tone(1000, 16_000)[: len(heard)]
    assert np.abs(heard - expected)[50:].max() < 2e-3  # it begins out of silence


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("frequency_hz", [9_500, 12_000, 20_000])
def test_what_16_khz_cannot_hold_is_gone_and_not_folded(rate_hz: int, frequency_hz: int) -> None:
    heard = StreamResampler(rate_hz).push(tone(frequency_hz, rate_hz))
    assert np.abs(heard[50:-50]).max() < 1e-3


@pytest.mark.parametrize("rate_hz", RATES)
def test_next_to_nothing_is_held_back(rate_hz: int) -> None:
    resampler, came_out = StreamResampler(rate_hz), 0
    lowest_hz = min(rate_hz, 16_000)
    for block in range(1, 51):
        came_out += len(resampler.push(np.zeros(rate_hz // 100, np.float32)))
        owed_s = block * (rate_hz // 100) / rate_hz - came_out / 16_000
        assert -1 / 16_000 <= owed_s <= 20 / lowest_hz + 2 / lowest_hz


@given(
    rate_hz=st.sampled_from((*RATES, 16_000)),
    sizes=st.lists(st.integers(0, 700), min_size=1, max_size=20),
)
def test_how_sound_is_cut_is_no_matter(rate_hz: int, sizes: list[int]) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, sum(sizes)).astype(np.float32)
    whole, cut = StreamResampler(rate_hz), StreamResampler(rate_hz)
    parts = []
    for part in np.split(samples, np.cumsum(sizes)):
        promised = cut.num_completed(len(part))
        parts.append(cut.push(part))
        assert len(parts[-1]) == promised
    assert np.array_equal(np.concatenate(parts), whole.push(samples))


@pytest.mark.parametrize("rate_hz", [*RATES, 16_000])
def test_all_of_a_stream_comes_out_in_the_end(rate_hz: int) -> None:
    resampler, sound = StreamResampler(rate_hz), tone(1000, rate_hz, 0.1)
    heard = np.concatenate((resampler.push(sound), resampler.flush()))
    assert len(heard) == -(-len(sound) * 16_000 // rate_hz)


@pytest.mark.parametrize("rate_hz", [0, 3_999, 1_000_000])
def test_a_rate_of_no_device_is_refused(rate_hz: int) -> None:
    with pytest.raises(AudioError, match="48000"):
        StreamResampler(rate_hz)
