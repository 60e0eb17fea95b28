from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import restless
from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.evaluation.gesture_distance import gesture_distance
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.measure import BodyReference, Split, measure
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
    loud, seen = results.mean["loudness"], results.mean["eyes"]
    assert {"closures", "closures+babble", "closures+noise"} <= set(loud)
    assert "blinks_per_minute" not in loud
    assert "blinks_per_minute" in seen and "closures" not in seen
    assert not results.sd


def test_every_seed_is_measured_by_itself_and_then_averaged() -> None:
    shown = [loudness(), shut_mouth()]
    steps: list[None] = []
    drawn = Subject("drawn", shown[0].perform, again=(shown[1].perform,))
    results = measure(SPLIT, [drawn, *shown], lambda: steps.append(None))
    assert len(steps) == SPLIT.num_performances([drawn, *shown]) == 12
    one, other = (results.mean[each.name]["jaw_energy_r"] for each in shown)
    assert results.mean["drawn"]["jaw_energy_r"] == pytest.approx((one + other) / 2)
    assert results.sd["drawn"]["jaw_energy_r"] == pytest.approx(abs(one - other) / 2**0.5)
    assert np.isnan(results.sd["shut"]["jaw_energy_r"])


def test_gesture_distances_of_seeds_are_averaged_not_pooled(encoder: GestureEncoder) -> None:
    *reference, one, other = (restless(300, seed) for seed in range(4))
    split = replace(SPLIT, body=BodyReference(reference, reference, encoder))

    def distance(made: Sequence[Performance]) -> float:
        first, *again = (lambda case, shown=shown: shown for shown in made)
        subject = Subject("body", first, has_mouth=False, has_body=True, again=tuple(again))
        return measure(split, [subject]).mean["body"]["fgd"]

    averaged = distance([one, other])
    assert averaged == pytest.approx((distance([one]) + distance([other])) / 2)
    pooled = gesture_distance([one, other], reference, encoder)["fgd"]
    assert averaged > 1.05 * pooled


def test_a_subject_hears_the_noise_but_is_judged_by_the_clean_speech() -> None:
    heard: list[np.ndarray] = []

    def perform(case: Case) -> Performance:
        heard.append(case.utterance.samples)
        clean = SPLIT.cases[0].utterance.samples
        level = make_face(60, clean).level_db()
        return make_face(60, case.utterance.samples, jawOpen=(level + 80) / 100)

    figures = measure(SPLIT, [Subject("oracle", perform)]).mean["oracle"]
    assert not np.array_equal(heard[0], heard[1])
    assert figures["jaw_energy_r+noise"] == pytest.approx(1, abs=1e-3)


def test_without_voices_or_phones_only_what_the_sound_says_is_measured() -> None:
    bare = Split([Case(Utterance("take", "take", make_speech(2.0)))])
    assert set(measure(bare, [loudness()]).mean["loudness"]) == {"jaw_energy_r", "silence_motion"}
