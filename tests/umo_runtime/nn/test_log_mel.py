import numpy as np
import numpy.typing as npt
import pytest
import torch

from umo_runtime.nn.log_mel import WINDOW_SAMPLES, LogMel

NUM_MELS = 64
RATE_HZ = 16_000
TOLERANCE = 2e-3  # a log of float32 power against one of float64


def _mel_by_fft(windows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The textbook way: FFT, triangles interpolated on the mel axis."""
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW_SAMPLES), 512)) ** 2
    edges_mel = np.linspace(
        2595 * np.log10(1 + 50 / 700), 2595 * np.log10(1 + 7600 / 700), NUM_MELS + 2
    )
    edges = 700 * (10 ** (edges_mel / 2595) - 1)
    hz = np.fft.rfftfreq(512, 1 / RATE_HZ)
    filters = [np.interp(hz, edges[m : m + 3], (0, 1, 0)) for m in range(NUM_MELS)]
    return (np.log(power @ np.array(filters).T + 1e-5) + 4) / 4


def _tone(hz: float) -> npt.NDArray[np.float64]:
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(WINDOW_SAMPLES) / RATE_HZ)


def _analyse(windows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return LogMel(NUM_MELS)(torch.from_numpy(windows).float()).numpy()


@pytest.mark.parametrize("loudness", [1.0, 0.1, 1e-3])
def test_equals_an_independent_implementation(loudness: float) -> None:
    windows = np.random.default_rng(0).uniform(-loudness, loudness, (2, 5, WINDOW_SAMPLES))
    result = _analyse(windows)
    assert result.shape == (2, 5, NUM_MELS)
    np.testing.assert_allclose(result, _mel_by_fft(windows), atol=TOLERANCE)


@pytest.mark.parametrize("hz", [200.0, 1000.0, 3000.0, 6000.0])
def test_a_tone_is_loudest_in_its_own_band(hz: float) -> None:
    result = _analyse(_tone(hz)[None])
    assert result.argmax() == _mel_by_fft(_tone(hz)[None]).argmax()


def test_silence_is_finite_and_the_lowest_value() -> None:
    silence = _analyse(np.zeros((1, WINDOW_SAMPLES)))
    assert np.isfinite(silence).all()
    np.testing.assert_allclose(silence, (np.log(1e-5) + 4) / 4, rtol=1e-5)
    assert (_analyse(_tone(500)[None]) >= silence - 1e-6).all()
    loudest = _analyse(np.ones((1, WINDOW_SAMPLES)))
    assert np.isfinite(loudest).all()


def test_checkpoints_do_not_hold_the_constants() -> None:
    assert not LogMel(NUM_MELS).state_dict()
