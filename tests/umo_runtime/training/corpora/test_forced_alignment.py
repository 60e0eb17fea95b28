import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pocketsphinx")

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora import flite
from umo_runtime.training.corpora.align_speech import align_speech
from umo_runtime.training.corpora.forced_alignment import (
    ForcedAligner,
    _Phone,
    _Word,
    is_plausible,
)
from umo_runtime.training.corpora.labelled_speech import write_labelled_speech
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.timed_transcript import read_alignments

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")
SENTENCE = "My mother bought a pair of blue umbrellas before the fair."


@pytest.fixture(scope="module")
def aligner() -> ForcedAligner:
    return ForcedAligner()


def word(score: int, frames: int, label: str = "AH") -> _Word:
    return _Word("word", (_Phone(label, 0, frames, score),))


@needs_flite
@pytest.mark.parametrize("voice", flite.VOICES)
def test_times_are_those_the_voice_was_made_with(aligner: ForcedAligner, voice: str) -> None:
    spoken = flite.speak(SENTENCE, voice, "a")
    alignment = aligner.align(spoken.samples, SENTENCE)
    assert alignment is not None
    found = [phone for phone in alignment.phones if phone.label in "PBMF"]
    true = [phone for phone in spoken.phones if phone.label in "PBMF"]
    assert [phone.label for phone in found] == [phone.label for phone in true]
    errors = [
        abs(error)
        for a, b in zip(found, true, strict=True)
        for error in (a.start_s - b.start_s, a.end_s - b.end_s)
    ]
    assert np.median(errors) < 0.02
    assert np.quantile(errors, 0.9) < 0.05


@needs_flite
def test_unknown_words_are_learnt_and_punctuation_does_not_matter(aligner: ForcedAligner) -> None:
    spoken = flite.speak("The plasmoids' vampa, Zeppelino's, hummed!", "slt", "a")
    alignment = aligner.align(spoken.samples, "THE PLASMOIDS' 'VAMPA' -- \"Zeppelino's\", hummed!")
    assert alignment is not None
    words = [span.label for span in alignment.words if not span.label.startswith("<")]
    assert [label.partition("(")[0] for label in words] == [
        *("the", "plasmoids", "vampa", "zeppelino's", "hummed")
    ]


@needs_flite
@pytest.mark.parametrize(
    "text",
    [
        "Somebody else will certainly have told another story in these years.",
        "My mother bought a pair of fair.",
    ],
)
def test_another_text_is_not_believed(aligner: ForcedAligner, text: str) -> None:
    assert aligner.align(flite.speak(SENTENCE, "slt", "a").samples, text) is None


@pytest.mark.parametrize("text", ["", " -- ", "!?", "' ''"])
def test_a_text_without_words_is_refused(aligner: ForcedAligner, text: str) -> None:
    with pytest.raises(CorpusError, match="no English word"):
        aligner.align(np.zeros(16_000, np.float32), text)


def test_silence_is_not_speech(aligner: ForcedAligner) -> None:
    assert aligner.align(np.zeros(16_000, np.float32), "hello there") is None


def test_a_sound_that_ends_too_soon_is_not_aligned(aligner: ForcedAligner) -> None:
    for length in (0, 1, 400, 4000):
        assert aligner.align(np.zeros(length, np.float32), "hello there") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([word(-150, 10)] * 6, True),
        ([word(-360, 10)] * 6, False),  # nothing fits
        ([word(-100, 10)] * 20 + [word(-560, 10)] * 3, False),  # three words in a row do not
        ([word(-100, 10)] * 20 + [word(-700, 10)], True),  # one word in a good place
        ([word(-100, 10), word(-2600, 40, "SIL")], False),  # speech in a silence
        ([word(-100, 10), word(-2600, 40, "SIL"), word(-100, 10)], False),
        ([word(-700, 61), word(-100, 10)], False),  # too long a phone
        ([word(-700, 60), word(-100, 10), word(-100, 300, "SIL")], True),
    ],
)
def test_what_is_plausible(words: list[_Word], expected: bool) -> None:
    assert is_plausible(words) is expected


@needs_flite
def test_a_corpus_is_aligned_once(tmp_path: Path) -> None:
    write_labelled_speech(
        tmp_path / "a", [flite.speak(text, "slt", "x") for text in ("One man.", "Two boys.")]
    )
    for name, text in (("flite-slt-0000", "one man"), ("flite-slt-0001", "everybody knows it")):
        (tmp_path / "a" / f"{name}.txt").write_text(text)
    out = tmp_path / "times.jsonl"
    names: list[str] = []
    counts = align_speech([tmp_path / "a"], out, report=names.append)
    assert (counts.aligned, counts.rejected, counts.known) == (1, 1, 0)
    assert names == ["flite-slt-0000", "flite-slt-0001"]
    assert list(read_alignments(out)) == ["flite-slt-0000"]
    again = align_speech([tmp_path / "a"], out)
    assert (again.aligned, again.known) == (0, 1)
    assert align_speech([tmp_path / "a"], tmp_path / "b.jsonl", [out]).known == 1


@pytest.mark.data
def test_real_speech_gets_the_times_it_had(data_root: Path, aligner: ForcedAligner) -> None:
    times = data_root / "speech" / "librispeech-align.jsonl.xz"
    source = data_root / "speech" / "librispeech-train-clean-5.tar"
    speech = (u for u in read_librispeech(source, times) if u.phones and len(u.samples) < 160_000)
    utterance = next(speech)
    alignment = aligner.align(utterance.samples, utterance.text)
    assert alignment is not None
    assert [phone.label for phone in alignment.phones] == [p.label for p in utterance.phones]
    errors = [
        abs(a.end_s - b.end_s) for a, b in zip(alignment.phones, utterance.phones, strict=True)
    ]
    assert np.quantile(errors, 0.95) < 0.025
