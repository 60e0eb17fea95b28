from tests.umo_runtime.evaluation.bodies import restless
from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects_body import body_baseline, shuffled
from umo_runtime.training.corpora.utterance import MotionClip, Utterance

CASE = Case(Utterance("1-2-3", "1", make_speech(2.0)))


def test_chance_belongs_to_the_utterance_and_the_seed() -> None:
    bodies = [restless(40, seed) for seed in range(8)]
    clips = [
        MotionClip(f"Walk{n}", "ChrBrad", each.rotations, each.root_position)
        for n, each in enumerate(bodies)
    ]
    other = Case(Utterance("4-5-6", "4", CASE.utterance.samples))

    def shown(case: Case, seed: int) -> bytes:
        subject = body_baseline("retrieval", clips, seed)
        assert subject.has_body and not subject.has_mouth
        subject.perform(other)  # what was performed before does not matter
        return subject.perform(case).rotations.tobytes()

    assert shown(CASE, 0) == shown(CASE, 0)
    assert len({shown(CASE, 0), shown(CASE, 1), shown(other, 0)}) == 3


def test_shuffled_motion_is_the_next_ones_as_long_as_the_speech() -> None:
    motions = [make_face(45, browInnerUp=value) for value in (0.1, 0.2)]
    subject = shuffled(motions)
    shown = [subject.perform(CASE).channel("browInnerUp") for _ in range(3)]
    assert [len(each) for each in shown] == [60, 60, 60]
    assert [round(float(each[-1]), 1) for each in shown] == [0.2, 0.1, 0.2]
