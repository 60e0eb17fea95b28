import numpy as np
import pytest

from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.evaluation.measure import Split, measure
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects import Subject, loudness, shut_mouth
from umo_runtime.training.corpora.utterance import Span, Utterance

PHONES = (Span("AA", 0.0, 0.5), Span("P", 0.5, 0.6), Span("AA", 0.6, 2.0))
SPLIT = Split([Case(Utterance("1-2-3", "1", make_speech(2.0), phones=PHONES))], [make_speech(1.0)])


def test_lips_are_measured_in_every_condition_and_all_else_in_clean_speech() -> None:
    steps: list[None] = []
    eyes = Subject("eyes", shut_mouth().perform, has_mouth=False, has_eyes=True)
    subjects = [loudness(), eyes]
    results = measure(SPLIT, subjects, lambda: steps.append(None))
    assert len(steps) == SPLIT.num_performances(subjects) == 4
    assert {"closures", "closures+babble", "closures+noise"} <= set(results["loudness"])
    assert "blinks_per_minute" not in results["loudness"]
    assert "blinks_per_minute" in results["eyes"] and "closures" not in results["eyes"]


def test_a_subject_hears_the_noise_but_is_judged_by_the_clean_speech() -> None:
    heard: list[np.ndarray] = []

    def perform(case: Case) -> Performance:
        heard.append(case.utterance.samples)
        clean = SPLIT.cases[0].utterance.samples
        level = make_face(60, clean).level_db()
        return make_face(60, case.utterance.samples, jawOpen=(level + 80) / 100)

    figures = measure(SPLIT, [Subject("oracle", perform)])["oracle"]
    assert not np.array_equal(heard[0], heard[1])
    assert figures["jaw_energy_r+noise"] == pytest.approx(1, abs=1e-3)


def test_without_voices_or_phones_only_what_the_sound_says_is_measured() -> None:
    bare = Split([Case(Utterance("take", "take", make_speech(2.0)))])
    assert set(measure(bare, [loudness()])["loudness"]) == {"jaw_energy_r", "silence_motion"}
