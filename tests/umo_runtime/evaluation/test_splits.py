from pathlib import Path

import numpy as np
import pytest

from tests.umo_runtime.evaluation.corpora import write_facegood, write_librispeech
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.splits import (
    CONDITIONS,
    facegood_cases,
    heard_in,
    librispeech_cases,
    training_captures,
    training_utterances,
    training_voices,
)
from umo_runtime.training.corpora.librispeech import BLIND_SPEAKERS, TEST_SPEAKERS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_librispeech(tmp_path)
    write_facegood(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("count", "expected"), [(None, 6), (2, 2), (3, 3), (5, 5), (99, 6)])
def test_utterances_are_spread_over_the_test_speakers(
    data: Path, count: int | None, expected: int
) -> None:
    cases = librispeech_cases(data, count)
    assert len({case.name for case in cases}) == len(cases) == expected
    assert {case.utterance.speaker for case in cases} == {"19", "669"}
    assert all(case.utterance.phones for case in cases)
    again = librispeech_cases(data, count)
    assert [case.name for case in cases] == [case.name for case in again]


def test_nothing_is_learnt_from_test_or_blind_speakers(data: Path) -> None:
    speakers = {utterance.speaker for utterance in training_utterances(data)}
    assert speakers == {"84", "1088"}
    assert not speakers & (TEST_SPEAKERS | BLIND_SPEAKERS)
    assert [capture.name for capture in training_captures(data)] == ["facegood-2_01"]


def test_distorted_cases_repeat_and_keep_the_truth(data: Path) -> None:
    voices = training_voices(data)
    assert len(voices) == 2
    case = librispeech_cases(data, 2)[0]
    names = set()
    for condition in CONDITIONS:
        heard = heard_in(case, condition, voices)
        again = heard_in(case, condition, voices)
        np.testing.assert_array_equal(heard.utterance.samples, again.utterance.samples)
        assert heard.utterance.phones == case.utterance.phones
        names.add(heard.name)
    assert names == {case.name, f"{case.name}+babble", f"{case.name}+noise"}
    assert heard_in(case, "clean", ()) is case


def test_the_captured_jaw_comes_as_it_was_measured(data: Path) -> None:
    (case,) = facegood_cases(data)
    assert case.capture is not None and case.raw_jaw is not None
    assert case.name == "facegood-2_04"
    assert case.raw_jaw.max() == pytest.approx(0.5, abs=0.01)
    assert case.raw_jaw.shape == (90,)


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"librispeech-train-clean-5\.tar is missing"):
        librispeech_cases(tmp_path)
    with pytest.raises(CorpusError, match="--data"):
        facegood_cases(tmp_path)


@pytest.mark.data
def test_the_real_test_speakers(data_root: Path) -> None:
    cases = librispeech_cases(data_root, 8)
    speakers = [case.utterance.speaker for case in cases]
    assert sorted(speakers) == sorted(2 * list(TEST_SPEAKERS))
