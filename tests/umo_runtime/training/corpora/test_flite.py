import shutil

import numpy as np
import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora import flite

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")


@needs_flite
def test_unknown_words_are_pronounced() -> None:
    assert flite.letter_to_sound("zeppelin") == ("Z", "EH", "P", "IH", "L", "IH", "N")
    assert flite.letter_to_sound("plasmoids")[-1] == "Z"


@needs_flite
@pytest.mark.parametrize("voice", flite.VOICES)
def test_phones_cover_the_speech_and_silence_is_silent(voice: str) -> None:
    spoken = flite.speak("A bad map, my boy.", voice, "a")
    assert spoken.speaker == f"flite-{voice}"
    assert [phone.label for phone in spoken.phones if phone.label in "PBM"] == list("BMPMB")
    for phone, following in zip(spoken.phones, spoken.phones[1:], strict=False):
        assert phone.end_s == following.start_s
    duration_s = len(spoken.samples) / 16_000
    assert spoken.phones[-1].end_s == pytest.approx(duration_s, abs=0.01)
    assert spoken.phones[-1].label == "SIL"
    first = spoken.phones[0]
    assert first.label == "SIL"
    in_silence = spoken.samples[: int(first.end_s * 16_000) - 400].std()
    assert in_silence < 0.1 * np.abs(spoken.samples).std()


@needs_flite
def test_pace_is_pace() -> None:
    slow, fast = (len(flite.speak("Peter is here", "slt", "a", p).samples) for p in (0.8, 1.2))
    assert slow == pytest.approx(1.5 * fast, rel=0.1)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(CorpusError, match="apt install flite"):
        flite.letter_to_sound("word")


def test_a_foreign_phone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flite, "_run", lambda program, *arguments: "pau q1 pau")
    with pytest.raises(CorpusError, match="'q1'"):
        flite.letter_to_sound("word")
