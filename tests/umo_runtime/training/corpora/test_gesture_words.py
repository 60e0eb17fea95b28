import pytest

from umo_runtime.training.corpora.gesture_words import _MEANING_OF_WORD, meaning_of
from umo_runtime.training.corpora.gestures import MEANINGS


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("no not never nothing nobody neither nor without", "no"),
        ("don't Won't wouldn't ISN'T can't ain't needn\N{RIGHT SINGLE QUOTATION MARK}t", "no"),
        ("here this these here's", "here"),
        ("there that those that's", "left"),
        ("I me my mine myself I'm i've i'll", "me"),
        ("you your yours yourself you're", "you"),
        ("we us our we'll", "we"),
        ("two seven hundred both several", "count"),
        ("many much more huge", "beat_high"),
        ("few little less", "beat_low"),
        ("what why how who which when where who's what'll", "question"),
        ("all every everybody", "all"),
        ("the a of and horse rachel's", ""),
    ],
)
def test_words_mean(words: str, meaning: str) -> None:
    assert {meaning_of(word) for word in words.split()} == {meaning}


def test_every_meaning_has_clips() -> None:
    assert set(_MEANING_OF_WORD.values()) <= set(MEANINGS)
