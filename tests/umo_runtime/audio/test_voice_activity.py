import numpy as np

from tests.umo_runtime.audio.sounds import noise, sample_speech
from umo_runtime.audio.level import LEVEL_SAMPLES, SILENCE_DB, level_db
from umo_runtime.audio.voice_activity import VoiceActivity
from umo_runtime.types import FloatArray


def voiced(samples: FloatArray) -> np.ndarray:
    activity = VoiceActivity()
    blocks = samples[: len(samples) // LEVEL_SAMPLES * LEVEL_SAMPLES].reshape(-1, LEVEL_SAMPLES)
    return np.array([activity.step(level_db(block)) for block in blocks])


def test_a_level_is_that_of_a_sine_and_never_infinite() -> None:
    sine = np.sin(np.arange(1600) * 2 * np.pi / 16).astype(np.float32)
    assert abs(level_db(sine) + 3.01) < 0.01
    assert level_db(np.zeros(160, np.float32)) == SILENCE_DB


def test_steady_noise_of_any_loudness_is_no_voice() -> None:
    for loudness_db in (-70, -50, -30, -15):
        assert voiced(noise(3.0, loudness_db)).mean() < 0.02


def test_noise_that_sets_in_is_forgotten_after_two_seconds() -> None:
    heard = voiced(np.concatenate((noise(1.0, -65), noise(4.0, -30))))
    assert heard[110:150].all()
    assert not heard[330:].any()


def test_speech_is_found_between_its_pauses_even_in_noise() -> None:
    speech = sample_speech()
    blocks = speech[: len(speech) // LEVEL_SAMPLES * LEVEL_SAMPLES].reshape(-1, LEVEL_SAMPLES)
    loud = np.array([level_db(block) > -30 for block in blocks])
    for mixed in (speech, speech + noise(len(speech) / 16_000, -45)):
        heard = voiced(mixed)
        assert heard[loud].mean() > 0.97
        assert not heard[:25].any()  # the sample begins with 0.3 s of silence
