import numpy as np
import pytest

from umo_runtime.evaluation.onsets import onset_times_s

GOLDEN_S = (0.608, 0.64, 1.12, 1.152, 1.632, 1.664)  # of librosa 0.11.0 for these clicks


def clicks(times_s: tuple[float, ...], seconds: float = 2.5) -> np.ndarray:
    time = np.arange(int(seconds * 16_000)) / 16_000
    since = np.min([np.where(time >= t, time - t, np.inf) for t in times_s], axis=0)
    return (np.sin(2 * np.pi * 440 * time) * np.exp(-since * 12)).astype(np.float32)


def test_onsets_are_found_where_sound_begins() -> None:
    starts = (0.6, 1.1, 1.6)
    found = onset_times_s(clicks(starts))
    assert np.abs(found[:, None] - starts).min(axis=1).max() < 0.07
    assert np.abs(found[:, None] - starts).min(axis=0).max() < 0.07


def test_they_are_those_of_the_definition() -> None:
    np.testing.assert_allclose(onset_times_s(clicks((0.6, 1.1, 1.6))), GOLDEN_S)


@pytest.mark.parametrize("samples", [np.zeros(16_000), np.zeros(1), np.zeros(0)], ids=len)
def test_silence_has_none(samples: np.ndarray) -> None:
    assert not len(onset_times_s(samples.astype(np.float32)))


def test_loudness_does_not_matter() -> None:
    sound = clicks((0.6, 1.1, 1.6))
    np.testing.assert_array_equal(onset_times_s(sound), onset_times_s(0.1 * sound))
