"""Speech as a live microphone hears it: with other people talking, or with noise."""

from collections.abc import Sequence

import numpy as np

from umo_runtime.types import FloatArray

SNR_DB = 10.0
_VOICES = 6  # talkers in the background


def with_babble(
    samples: FloatArray, voices: Sequence[FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Add six other talkers at 10 dB below the speech.

    Args:
        samples: speech, [N].
        voices: speech of other people, [N_v] each, at least one.
        rng: picks talkers and where each begins.
    """
    babble = np.zeros(len(samples), np.float32)
    for voice in rng.choice(len(voices), _VOICES):
        start = int(rng.integers(len(voices[voice])))
        babble += _unit(np.resize(np.roll(voices[voice], -start), len(samples)))
    return _mixed(samples, babble)


def with_noise(samples: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Add pink noise, that of fans and rooms, at 10 dB below the speech [N]."""
    size = 1 << (len(samples) - 1).bit_length()  # transforms of other sizes can be slow
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    return _mixed(samples, np.fft.irfft(spectrum)[: len(samples)].astype(np.float32))


def _mixed(samples: FloatArray, noise: FloatArray) -> FloatArray:
    level = np.sqrt(np.mean(np.square(samples))) * 10 ** (-SNR_DB / 20)
    return np.asarray(samples + level * _unit(noise), np.float32)


def _unit(samples: FloatArray) -> FloatArray:
    scaled: FloatArray = samples / (np.sqrt(np.mean(np.square(samples))) + 1e-9)
    return scaled
