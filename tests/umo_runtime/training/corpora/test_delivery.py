import numpy as np
import pytest

from umo_runtime.training.corpora.delivery import Delivery


def voice() -> np.ndarray:
    """A second of silence, two of syllables, a second of silence."""
    time = np.arange(32_000) / 16_000
    sound = 0.3 * np.sin(2 * np.pi * 140 * time) * np.sin(np.pi * 2.5 * time) ** 2
    samples = np.concatenate((np.zeros(16_000), sound, np.zeros(16_000)))
    return (samples + 1e-4 * np.random.default_rng(0).normal(size=len(samples))).astype(np.float32)


def test_a_voice_has_phrases_and_accents() -> None:
    delivery = Delivery.of(voice())
    starts, ends = delivery.phrases_s()
    assert starts[0] == pytest.approx(1.0, abs=0.2)
    assert ends[-1] == pytest.approx(3.0, abs=0.3)
    assert all(1 <= accent.time_s <= 3 for accent in delivery.accents)


@pytest.mark.parametrize("frames", [0, 50, 119, 200])
def test_activity_fits_any_length(frames: int) -> None:
    delivery = Delivery.of(voice())
    fitted = delivery.activity_of(frames)
    assert fitted.shape == (frames,)
    both = min(frames, len(delivery.activity))
    np.testing.assert_array_equal(fitted[:both], delivery.activity[:both])
    assert not fitted[both:].any()


def test_silence_has_neither() -> None:
    delivery = Delivery.of(np.zeros(16_000, np.float32))
    assert [len(edge) for edge in delivery.phrases_s()] == [0, 0]
    assert delivery.accents == []
