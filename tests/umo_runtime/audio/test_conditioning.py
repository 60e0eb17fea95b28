import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.audio.sounds import noise, sample_speech
from umo_runtime.audio.conditioning import VoiceConditioner
from umo_runtime.audio.gain import AutomaticGain
from umo_runtime.audio.gate import NoiseGate
from umo_runtime.audio.level import level_db
from umo_runtime.types import FloatArray

SPEECH = sample_speech()


def loudness_db(samples: FloatArray) -> float:
    """Of the speech in the second half."""
    blocks = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    blocks = blocks[len(blocks) // 2 :]
    levels = np.array([level_db(block) for block in blocks])
    loud = levels[levels > np.quantile(levels, 0.95) - 25]
    return float(10 * np.log10(np.mean(10 ** (loud / 10))))


@given(
    sizes=st.lists(st.integers(0, 800), min_size=1, max_size=25),
    gate_db=st.sampled_from((None, -40.0)),
)
def test_how_sound_is_cut_is_no_matter(sizes: list[int], gate_db: float | None) -> None:
    def conditioner() -> VoiceConditioner:
        return VoiceConditioner(None if gate_db is None else NoiseGate(gate_db), AutomaticGain())

    samples = SPEECH[4000 : 4000 + sum(sizes)]
    whole, cut = conditioner(), conditioner()
    parts = [cut.push(part) for part in np.split(samples, np.cumsum(sizes))]
    assert np.array_equal(np.concatenate(parts), whole.push(samples))
    assert (whole.level_db, whole.is_voice) == (cut.level_db, cut.is_voice)


def test_without_gate_and_gain_nothing_changes() -> None:
    assert np.array_equal(VoiceConditioner().push(SPEECH), SPEECH)


@pytest.mark.parametrize("change_db", [-25, -10, 0, 8])
def test_every_voice_comes_out_equally_loud(change_db: float) -> None:
    heard = np.clip(SPEECH * np.float32(10 ** (change_db / 20)), -1, 1)
    passed = VoiceConditioner(gain=AutomaticGain()).push(np.concatenate((heard, heard)))
    assert loudness_db(passed) == pytest.approx(-20, abs=1.5)
    assert np.abs(passed).max() <= 1


def test_noise_is_not_pumped_up() -> None:
    room = noise(5.0, -50)
    assert np.array_equal(VoiceConditioner(gain=AutomaticGain()).push(room), room)


def test_the_gate_silences_pauses_and_leaves_speech() -> None:
    room = noise(len(SPEECH) / 16_000, -55)[: len(SPEECH)]
    passed = VoiceConditioner(NoiseGate(-45)).push(SPEECH + room)
    assert not passed[:4000].any()
    assert np.mean(passed != 0) > 0.75
    assert loudness_db(passed) == pytest.approx(loudness_db(SPEECH), abs=0.3)
