import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.capture import CapturedBlock
from actors.microphone_sound import MicrophoneSound
from tests.actors.speech import make_samples
from umo_runtime.audio.framing import SpeechFramer, samples_needed
from umo_runtime.audio.resampling import StreamResampler
from umo_runtime.types import FloatArray


def blocks_of(samples: FloatArray, size: int, channels: int = 1) -> list[CapturedBlock]:
    return [
        CapturedBlock(end, np.repeat(samples[end - size : end, None], channels, axis=1), end / 1e3)
        for end in range(size, len(samples) + 1, size)
    ]


@given(
    rate_hz=st.sampled_from((16_000, 44_100, 48_000)),
    size=st.integers(60, 2000),
    channels=st.integers(1, 2),
    before=st.integers(0, 20_000),
)
def test_runs_join_to_the_resampled_sound_and_each_completes_a_frame_at_once(
    rate_hz: int, size: int, channels: int, before: int
) -> None:
    samples = make_samples(20 * size)
    sound, joined = MicrophoneSound(rate_hz, before), np.zeros(0, np.float32)
    framer, prompt = SpeechFramer(), StreamResampler(rate_hz)
    framer.push(np.zeros(before, np.float32))
    for block in blocks_of(samples, size, channels):
        completed = framer.push(prompt.push(block.samples[:, 0]))
        run = sound.push(block)
        assert bool(len(run)) == bool(len(completed.windows))
        joined = np.concatenate((joined, run))
    expected = StreamResampler(rate_hz).push(samples)[: len(joined)]
    np.testing.assert_allclose(joined, expected, atol=1e-6)


def test_lost_blocks_are_silence_of_their_length() -> None:
    samples = make_samples(16_000)
    blocks = blocks_of(samples, 160)
    sound = MicrophoneSound(16_000)
    heard = np.concatenate([sound.push(block) for block in (*blocks[:20], *blocks[50:])])
    samples[20 * 160 : 50 * 160] = 0
    assert np.array_equal(heard, samples[: len(heard)])
    assert len(heard) > 15_000


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_silence(bad: float) -> None:
    block = CapturedBlock(1600, np.full((1600, 2), bad, np.float32), 0.0)
    assert not MicrophoneSound(16_000).push(block).any()
    assert samples_needed(0) < 1600
