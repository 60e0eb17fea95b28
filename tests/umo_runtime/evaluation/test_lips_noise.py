from collections.abc import Callable

import numpy as np
import pytest

from tests.umo_runtime.evaluation.faces import make_speech
from umo_runtime.evaluation.lips_noise import SNR_DB, with_babble, with_noise
from umo_runtime.types import FloatArray

Distort = Callable[[FloatArray, np.random.Generator], FloatArray]
VOICES = [make_speech(0.7, seed) for seed in range(3)]


@pytest.mark.parametrize("distort", [with_noise, lambda s, rng: with_babble(s, VOICES, rng)])
def test_the_distortion_is_10_db_below_the_speech_and_repeats(distort: Distort) -> None:
    speech = make_speech(1.3, seed=9)
    heard = distort(speech, np.random.default_rng(4))
    added = heard - speech
    ratio = np.mean(np.square(speech)) / np.mean(np.square(added))
    assert 10 * np.log10(ratio) == pytest.approx(SNR_DB, abs=0.1)
    np.testing.assert_array_equal(heard, distort(speech, np.random.default_rng(4)))
    assert not np.array_equal(heard, distort(speech, np.random.default_rng(5)))


def test_noise_is_pink() -> None:
    speech = np.ones(1 << 16, np.float32)
    spectrum = np.abs(np.fft.rfft(with_noise(speech, np.random.default_rng(0)) - speech)) ** 2
    low, high = spectrum[100:200].mean(), spectrum[1600:3200].mean()
    assert low / high == pytest.approx(16, rel=0.5)
