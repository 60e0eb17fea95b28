import numpy as np
import numpy.typing as npt
import pytest

from umo_runtime.training.corpora.prosody import (
    SILENCE_DB,
    accents,
    energy_db,
    num_frames,
    pitch_hz,
    speech_activity,
)

FloatArray = npt.NDArray[np.float32]
RATE = 16_000


def _voice(pitch: float, seconds: float, level: float = 0.3) -> FloatArray:
    """A buzz with harmonics up to 3 kHz."""
    time = np.arange(int(RATE * seconds)) / RATE
    partials = np.arange(1, int(3000 / pitch))
    buzz = (np.sin(2 * np.pi * pitch * partials[:, None] * time) / partials[:, None]).sum(0)
    return np.asarray(level * buzz / np.abs(buzz).max(), np.float32)


def _noise(seconds: float, level: float = 1e-3) -> FloatArray:
    size = int(RATE * seconds)
    return (level * np.random.default_rng(0).normal(size=size)).astype(np.float32)


@pytest.mark.parametrize("size", [0, 1, 533, 534, 16_000, 16_001])
def test_every_track_has_the_frames_that_cover_the_samples(size: int) -> None:
    samples = _noise(2)[:size]
    expected = int(np.ceil(size * 30 / RATE))
    assert num_frames(samples) == expected
    for track in (energy_db(samples), pitch_hz(samples), speech_activity(samples)):
        assert track.shape == (expected,)


def test_energy_is_decibels_of_full_scale() -> None:
    level = energy_db(_voice(120, 1))
    louder = energy_db(2 * _voice(120, 1))
    np.testing.assert_allclose(louder - level, 20 * np.log10(2), atol=1e-3)
    tone = np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE).astype(np.float32)
    assert energy_db(tone)[15] == pytest.approx(-3.0, abs=0.1)
    np.testing.assert_allclose(energy_db(np.zeros(RATE, np.float32)), SILENCE_DB, rtol=1e-6)


@pytest.mark.parametrize("pitch", [75, 120, 210, 380])
def test_pitch_is_found_without_octave_errors(pitch: float) -> None:
    found = pitch_hz(_voice(pitch, 1) + _noise(1))
    np.testing.assert_allclose(found[3:-3], pitch, rtol=0.02)


def test_noise_and_silence_have_no_pitch() -> None:
    assert (pitch_hz(_noise(2, 0.1)) > 0).mean() < 0.05
    assert not pitch_hz(np.zeros(RATE, np.float32)).any()


def test_activity_keeps_short_gaps_and_finds_pauses() -> None:
    voice = _voice(120, 0.5)
    samples = np.concatenate([_noise(1), voice, _noise(0.2), voice, _noise(0.6), voice, _noise(1)])
    active = speech_activity(samples + _noise(len(samples) / RATE))
    assert not active[:28].any()
    assert active[31:65].all()
    assert not active[69:82].any()
    assert active[85:98].all()
    assert not active[103:].any()


def test_activity_of_silence_and_of_unbroken_speech() -> None:
    assert not speech_activity(np.zeros(RATE, np.float32)).any()
    assert not speech_activity(_noise(1, 1e-4)).any()
    assert speech_activity(_voice(120, 1)).all()


def test_accents_are_the_loud_high_syllables() -> None:
    plain, strong = _voice(110, 0.15, 0.1), _voice(150, 0.2, 0.5)
    gap = _noise(0.12)
    syllables = [plain, plain, strong, plain, plain, strong, plain, plain]
    pieces = [_noise(0.5), *(piece for syllable in syllables for piece in (syllable, gap))]
    ends = np.cumsum([len(piece) for piece in pieces]) / RATE
    found = accents(np.concatenate(pieces))
    expected = [ends[1 + 2 * place] - 0.1 for place in (2, 5)]
    best = sorted(sorted(found, key=lambda accent: -accent.strength)[:2], key=lambda a: a.time_s)
    np.testing.assert_allclose([accent.time_s for accent in best], expected, atol=0.08)
    assert all(0 <= accent.strength <= 1 for accent in found)


def test_silence_has_no_accents() -> None:
    assert accents(np.zeros(RATE, np.float32)) == []
