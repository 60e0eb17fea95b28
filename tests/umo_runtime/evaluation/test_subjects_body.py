import numpy as np

from tests.umo_runtime.evaluation.bodies import restless
from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects_body import body_baseline, shuffled
from umo_runtime.training.corpora.utterance import MotionClip, Utterance

CASE = Case(Utterance("1-2-3", "1", make_speech(2.0)))


def make_clips(name: str) -> list[MotionClip]:
    bodies = [restless(40, seed) for seed in range(8)]
    return [
        MotionClip(f"{name}{n}", "ChrBrad", each.rotations, each.root_position)
        for n, each in enumerate(bodies)
    ]


def test_chance_belongs_to_the_utterance_and_the_seed() -> None:
    clips = make_clips("Walk")
    other = Case(Utterance("4-5-6", "4", CASE.utterance.samples))

    def shown(case: Case, seed: int) -> bytes:
        subject = body_baseline("retrieval", clips, seed)
        assert subject.has_body and not subject.has_mouth
        subject.perform(other)  # what was performed before does not matter
        return subject.perform(case).rotations.tobytes()

    assert shown(CASE, 0) == shown(CASE, 0)
    assert len({shown(CASE, 0), shown(CASE, 1), shown(other, 0)}) == 3


def test_seeds_follow_one_another() -> None:
    clips = make_clips("Walk")
    takes = [take.perform(CASE) for take in body_baseline("retrieval", clips, 3, 2).takes()]
    alone = [body_baseline("retrieval", clips, seed).perform(CASE) for seed in (3, 4)]
    for take, other in zip(takes, alone, strict=True):
        np.testing.assert_array_equal(take.rotations, other.rotations)


def test_nothing_is_drawn_for_who_stands_still() -> None:
    assert len(body_baseline("still", make_clips("Idle01_BeatLowLf"), 0, 5).takes()) == 1


def test_shuffled_motion_is_the_next_ones_as_long_as_the_speech() -> None:
    motions = [make_face(45, browInnerUp=value) for value in (0.1, 0.2)]
    subject = shuffled(motions)
    shown = [subject.perform(CASE).channel("browInnerUp") for _ in range(3)]
    assert [len(each) for each in shown] == [60, 60, 60]
    assert [round(float(each[-1]), 1) for each in shown] == [0.2, 0.1, 0.2]
