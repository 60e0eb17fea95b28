# ruff: noqa: RUF001 IPA looks like Latin letters
import ctypes.util

import numpy as np
import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.phones import PHONES
from umo_runtime.training.corpora import espeak
from umo_runtime.training.corpora.espeak import ACCENTS, speak, to_arpabet
from umo_runtime.training.corpora.generated_voices import VOICES

needs_espeak = pytest.mark.skipif(
    ctypes.util.find_library("espeak-ng") is None, reason="eSpeak NG is not installed"
)
SENTENCE = (
    "The quick brown fox jumps over a lazy dog; there, poor girls hear the bath's fire, and "
    "which boy's bottle of pure water would you rather measure, teacher? Judge the loch's thing!"
)


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("aɪɚ", ("AY", "ER")),
        ("ɑːɹ", ("AA", "R")),
        ("oːɹ", ("AO", "R")),
        ("əl", ("AH", "L")),
        ("t̪", ("TH",)),
        ("tʃ", ("CH",)),
        ("n̩", ("N",)),
        ("ʲ", ()),
        ("", ()),
    ],
)
def test_phonemes_become_arpabet(ipa: str, phones: tuple[str, ...]) -> None:
    assert to_arpabet(ipa) == phones


def test_every_phone_of_arpabet_can_be_said_and_no_other() -> None:
    said = {phone for phones in espeak._PHONES.values() for phone in phones}
    assert said == set(PHONES) - {"SIL"}


def test_a_phoneme_of_another_language_is_refused() -> None:
    with pytest.raises(CorpusError, match="'y'"):
        to_arpabet("y")


@needs_espeak
@pytest.mark.parametrize("voice", [*ACCENTS, *(v for v in VOICES if v.startswith("gmw/"))])
def test_every_voice_says_phones_that_cover_its_speech(voice: str) -> None:
    spoken = speak(SENTENCE, voice, "a")
    assert {phone.label for phone in spoken.phones} <= set(PHONES)
    assert spoken.phones[0].start_s == 0.0
    assert spoken.phones[-1].end_s == pytest.approx(len(spoken.samples) / 16_000, abs=1e-3)
    for phone, following in zip(spoken.phones, spoken.phones[1:], strict=False):
        assert phone.end_s == following.start_s > phone.start_s
    words = [word.label for word in spoken.words]
    assert {"jumps", "bath's", "water"} <= set(words)
    assert all(word.end_s > word.start_s for word in spoken.words)


@needs_espeak
def test_voiceless_stops_have_their_closure() -> None:
    spoken = speak("Happy puppy keeps opening a copper top.", "gmw/en-US", "a")
    stops = [phone for phone in spoken.phones if phone.label == "P"]
    assert len(stops) == 7
    sound = np.abs(spoken.samples)
    for stop in stops:
        opening = sound[int(stop.start_s * 16_000) :][:320]
        assert opening.mean() < 0.2 * sound.mean()


@needs_espeak
def test_rate_and_pitch_are_heard() -> None:
    slow, fast = (speak(SENTENCE, "gmw/en", "a", rate).samples for rate in (120, 240))
    assert len(slow) > 1.5 * len(fast)
    low, high = (speak("aaa", "gmw/en", "a", pitch=pitch).samples for pitch in (0, 99))
    assert not np.array_equal(low[:4000], high[:4000])


@needs_espeak
def test_an_unknown_voice_and_an_empty_text_are_refused() -> None:
    with pytest.raises(CorpusError, match="no voice 'gmw/none'"):
        speak("hello", "gmw/none", "a")
    with pytest.raises(CorpusError, match="nothing to say"):
        speak(" ", "gmw/en", "a")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(espeak.ctypes, "CDLL", missing)
    with pytest.raises(CorpusError, match="apt install libespeak-ng1"):
        espeak._library.__wrapped__()
