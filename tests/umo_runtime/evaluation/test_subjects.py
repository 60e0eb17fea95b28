from pathlib import Path

import numpy as np

from tests.umo_runtime.evaluation.corpora import write_facegood, write_librispeech
from tests.umo_runtime.evaluation.faces import make_speech
from umo_runtime.evaluation.gaze import gaze_figures
from umo_runtime.evaluation.lips import pearson, phone_figures
from umo_runtime.evaluation.splits import Case, facegood_cases, librispeech_cases
from umo_runtime.evaluation.subjects import face_teacher, loudness, ridge, shut_mouth
from umo_runtime.training.corpora.utterance import Utterance

CASE = Case(Utterance("1-2-3", "1", make_speech(2.0)))


def test_a_shut_mouth_shows_nothing() -> None:
    shown = shut_mouth().perform(CASE)
    assert shown.blendshapes.shape == (60, 52)
    assert not shown.blendshapes.any()


def test_loudness_opens_the_jaw_with_the_level() -> None:
    shown = loudness().perform(CASE)
    jaw = shown.channel("jawOpen")
    assert pearson(jaw, shown.level_db()) > 0.9
    assert 0 <= jaw.min() < jaw.max() <= 0.5


def test_the_teacher_shuts_the_lips_and_looks_around(tmp_path: Path) -> None:
    write_librispeech(tmp_path)
    case = librispeech_cases(tmp_path, 2)[0]
    shown = face_teacher().perform(case)
    assert phone_figures([(shown, case.utterance.phones)])["closures"] == 100
    assert 0 < gaze_figures([shown])["eye_turn_deg"] < 30
    np.testing.assert_array_equal(shown.blendshapes, face_teacher().perform(case).blendshapes)


def test_ridge_learns_from_captures_for_a_capture_and_from_the_teacher_else(tmp_path: Path) -> None:
    write_librispeech(tmp_path)
    write_facegood(tmp_path)
    subject = ridge(tmp_path)
    (captured,) = facegood_cases(tmp_path)
    shown = subject.perform(captured)
    assert captured.raw_jaw is not None
    assert pearson(shown.channel("jawOpen"), captured.raw_jaw) > 0.8
    spoken = subject.perform(librispeech_cases(tmp_path, 2)[0])
    assert spoken.channel("mouthSmileLeft").any()  # the capture never smiles
