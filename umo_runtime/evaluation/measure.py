"""Lets subjects perform a split and takes their figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from umo_runtime.evaluation.blinks import blink_figures
from umo_runtime.evaluation.body_figures import body_figures
from umo_runtime.evaluation.gaze import gaze_figures
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.lips import capture_figures, phone_figures, sound_figures
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.results import Results
from umo_runtime.evaluation.splits import CONDITIONS, Case, Condition, heard_in
from umo_runtime.evaluation.subjects import Subject
from umo_runtime.types import FloatArray

Advance = Callable[[], None]


@dataclass(frozen=True, slots=True)
class BodyReference:
    """What bodies are compared with.

    Attributes:
        real: held-out real motion.
        others: other real motion; its figures say how far real motion is from real motion.
        encoder: of the gesture distance.
    """

    real: Sequence[Performance]
    others: Sequence[Performance]
    encoder: GestureEncoder

    def figures(self, performances: Sequence[Performance]) -> dict[str, float]:
        """All figures of a body."""
        return body_figures(performances, self.real, self.encoder)


@dataclass(frozen=True, slots=True)
class Split:
    """Held-out speech, ready to be performed.

    Attributes:
        cases: clean recordings.
        voices: other people's speech for babble; without any, only clean speech is measured.
        body: what bodies are compared with, if known.
    """

    cases: Sequence[Case]
    voices: Sequence[FloatArray] = field(default=())
    body: BodyReference | None = None

    def conditions(self, subject: Subject) -> tuple[Condition, ...]:
        """What a subject has to listen to; distorted sound is a test of lips alone."""
        return CONDITIONS if self.voices and subject.has_mouth else CONDITIONS[:1]

    def num_performances(self, subjects: Sequence[Subject]) -> int:
        """How many recordings are to be made."""
        takes = [take for subject in subjects for take in subject.takes()]
        return sum(len(self.conditions(take)) for take in takes) * len(self.cases)


def measure(split: Split, subjects: Sequence[Subject], advance: Advance = lambda: None) -> Results:
    """Figures by subject, over the seeds of each.

    Args:
        split: what is performed.
        subjects: who performs.
        advance: called after every recording.
    """
    takes = {
        subject.name: [_measure_one(split, take, advance) for take in subject.takes()]
        for subject in subjects
    }
    if split.body is not None:
        takes["real clips"] = [split.body.figures(split.body.others)]
    return Results.over_seeds(takes)


def _measure_one(split: Split, subject: Subject, advance: Advance) -> dict[str, float]:
    """All figures that apply to a subject with one seed."""
    figures: dict[str, float] = {}
    for condition in split.conditions(subject):
        performances = []
        for case in split.cases:
            performances.append(_perform(subject, case, condition, split.voices))
            advance()
        suffix = "" if condition == "clean" else f"+{condition}"
        if subject.has_mouth:
            lips = _lips(split.cases, performances)
            figures |= {f"{name}{suffix}": value for name, value in lips.items()}
        if condition == "clean":
            figures |= _eyes_and_body(subject, performances, split.body)
    return figures


def _perform(
    subject: Subject, case: Case, condition: Condition, voices: Sequence[FloatArray]
) -> Performance:
    """What a subject shows for distorted sound, kept with the clean one that tells the truth."""
    shown = subject.perform(heard_in(case, condition, voices))
    return replace(shown, samples=case.utterance.samples)


def _lips(cases: Sequence[Case], performances: Sequence[Performance]) -> Mapping[str, float]:
    figures = sound_figures(performances)
    aligned = [
        (performance, case.utterance.phones)
        for case, performance in zip(cases, performances, strict=True)
        if case.utterance.phones
    ]
    if aligned:
        figures = phone_figures(aligned) | figures
    for case, performance in zip(cases, performances, strict=True):
        if case.capture is not None and case.raw_jaw is not None:
            figures |= capture_figures(performance, case.capture, case.raw_jaw)
    return figures


def _eyes_and_body(
    subject: Subject, performances: Sequence[Performance], body: BodyReference | None
) -> dict[str, float]:
    figures: dict[str, float] = {}
    if subject.has_eyes:
        figures |= blink_figures(performances) | gaze_figures(performances)
    if subject.has_body and body is not None:
        figures |= body.figures(performances)
    return figures
