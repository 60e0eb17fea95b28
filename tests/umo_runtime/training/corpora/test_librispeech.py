import json
import lzma
from pathlib import Path

import numpy as np
import pytest
import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.librispeech import (
    BLIND_SPEAKERS,
    TEST_SPEAKERS,
    read_librispeech,
)
from umo_runtime.training.corpora.timed_transcript import read_alignments
from umo_runtime.training.corpora.utterance import Span

ROW = {
    "id": "84-1-0000",
    "words": [["<sil>", 0.0, 0.1], ["And(2)", 0.1, 0.3], ["i'm", 0.3, 0.5], ["</s>", 0.5, 0.6]],
    "phones": [["SIL", 0.0, 0.1], ["AE1", 0.1, 0.2], ["N", 0.2, 0.3], ["<sil>", 0.5, 0.6]],
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    root = tmp_path / "corpus"
    for speaker, chapter in (("84", "1"), ("19", "2"), ("1737", "3")):
        folder = root / speaker
        folder.mkdir(parents=True)
        name = f"{speaker}-{chapter}-0000"
        soundfile.write(folder / f"{name}.flac", np.zeros(1600), 16_000)
        (folder / f"{speaker}-{chapter}.trans.txt").write_text(f"{name} AND I'M\n")
    (root / "1737" / "1737-3-0000.flac").write_bytes(b"must never be opened")
    return root


@pytest.fixture
def alignment(tmp_path: Path) -> Path:
    path = tmp_path / "align.jsonl.xz"
    path.write_bytes(lzma.compress(json.dumps(ROW).encode()))
    return path


def test_splits_are_disjoint_and_leave_out_the_blind(corpus: Path) -> None:
    train = list(read_librispeech(corpus))
    test = list(read_librispeech(corpus, split="test"))
    assert [utterance.name for utterance in train] == ["84-1-0000"]
    assert [utterance.speaker for utterance in test] == ["19"]
    assert not TEST_SPEAKERS & BLIND_SPEAKERS


def test_utterance_without_alignment_has_text_alone(corpus: Path) -> None:
    (utterance,) = read_librispeech(corpus)
    assert utterance.text == "and i'm"
    assert utterance.samples.shape == (1600,)
    assert utterance.words == utterance.phones == ()


def test_alignment_is_cleaned(corpus: Path, alignment: Path) -> None:
    (utterance,) = read_librispeech(corpus, alignment)
    assert utterance.words == (Span("and", 0.1, 0.3), Span("i'm", 0.3, 0.5))
    assert [phone.label for phone in utterance.phones] == ["SIL", "AE", "N", "SIL"]


def test_broken_alignment_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "align.jsonl"
    path.write_text(json.dumps(ROW) + "\n{broken\n")
    with pytest.raises(CorpusError, match="line 2 is not an alignment"):
        read_alignments(path)


def test_folder_without_utterances_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no train utterances"):
        list(read_librispeech(tmp_path))


@pytest.mark.data
def test_real_corpus(data_root: Path) -> None:
    speech = data_root / "speech"
    times = read_alignments(speech / "librispeech-align.jsonl.xz")
    assert len(times) > 600
    first = next(
        read_librispeech(
            speech / "librispeech-train-clean-5.tar", speech / "librispeech-align.jsonl.xz", "test"
        )
    )
    assert first.speaker in TEST_SPEAKERS
    assert first.text
    assert len(first.samples) > 16_000
