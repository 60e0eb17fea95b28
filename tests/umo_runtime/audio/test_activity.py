import numpy as np
import pytest

from umo_runtime.audio.activity import speech_activity
from umo_runtime.types import FloatArray


def speech_between(start_s: float, end_s: float, total_s: float = 2.0) -> FloatArray:
    rng = np.random.default_rng(0)
    samples = 1e-4 * rng.standard_normal(int(total_s * 16_000))
    inside = slice(int(start_s * 16_000), int(end_s * 16_000))
    samples[inside] += 0.2 * rng.standard_normal(inside.stop - inside.start)
    return samples.astype(np.float32)


def test_only_the_loud_frames_are_speech() -> None:
    activity = speech_activity([speech_between(0.5, 1.5)])
    assert activity.shape == (60,)
    assert np.array_equal(np.flatnonzero(activity), np.arange(15, 45))


@pytest.mark.parametrize("size", [100, 533, 16_000])
def test_blocks_do_not_matter(size: int) -> None:
    samples = speech_between(0.3, 1.1)
    blocks = [samples[start : start + size] for start in range(0, len(samples), size)]
    assert np.array_equal(speech_activity(blocks), speech_activity([samples]))


def test_silence_and_nothing_hold_no_speech() -> None:
    assert not speech_activity([np.zeros(16_000, np.float32)]).any()
    assert len(speech_activity([])) == 0
