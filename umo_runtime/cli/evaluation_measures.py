"""How `umo eval` measures each split: who performs what, beside whom.

Everything of `umo_runtime.evaluation` needs the train extra, so it is imported inside functions.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console

from umo_runtime.cli.evaluation_job import (
    BODY_BASELINES,
    CAPTURE,
    LIP_BASELINES,
    MODEL,
    SPEECH,
    EvaluationJob,
)
from umo_runtime.cli.step_bar import step_bar

if TYPE_CHECKING:
    from umo_runtime.evaluation.measure import BodyReference, Split
    from umo_runtime.evaluation.performance import Performance
    from umo_runtime.evaluation.results import Results
    from umo_runtime.evaluation.subjects import Subject
    from umo_runtime.training.corpora.utterance import MotionClip, Utterance

_MOTION = Path("motion", "smartbody-skm.tar.xz")
# In a checkout of the project: the encoder measures the product and is no part of it.
_ENCODER = Path(__file__).parents[2] / "benchmarks" / "gesture_encoder.npz"


def measure_speech(job: EvaluationJob, page: BinaryIO | None) -> "Results":
    """Lips, eyes and bodies of everybody who performs; draws the first utterance on `page`."""
    from umo_runtime.evaluation.measure import measure
    from umo_runtime.evaluation.report import draw_report

    split, subjects = _split(job), _subjects(job)
    if job.has_bodies:
        body, baselines = _bodies(job)
        split, subjects = replace(split, body=body), subjects + baselines
    with step_bar("performing", split.num_performances(subjects)) as advance:
        results = measure(split, subjects, advance)
    if page is not None:
        case, subject = split.cases[0], subjects[0]
        title = f"{subject.name}: {case.name}"
        draw_report(subject.perform(case), case.utterance.phones, title, page)
    return results


def _split(job: EvaluationJob) -> "Split":
    """The speech that is performed."""
    from umo_runtime.audio.speech_file import read_speech
    from umo_runtime.evaluation import splits
    from umo_runtime.evaluation.measure import Split
    from umo_runtime.training.corpora.utterance import Utterance

    if job.speech is not None:
        name = job.speech.stem
        return Split([splits.Case(Utterance(name, name, read_speech(job.speech).samples))])
    if job.split == CAPTURE:
        return Split(splits.facegood_cases(job.data))
    with Console(stderr=True).status("reading speech"):
        cases = splits.librispeech_cases(job.data, job.utterances)
        return Split(cases, splits.training_voices(job.data))


def _subjects(job: EvaluationJob) -> "list[Subject]":
    """The subject with the lips beside it: baselines, and recordings made elsewhere."""
    from umo_runtime.evaluation import subjects
    from umo_runtime.evaluation.subjects_recorded import one_recording, recordings

    made: dict[str, Callable[[], Subject]] = {
        MODEL: lambda: _model(job),
        "ridge": lambda: subjects.ridge(job.data),
        "loudness": subjects.loudness,
        "shut": subjects.shut_mouth,
        "teacher": subjects.face_teacher,
    }
    chosen: list[Subject] = []
    names: tuple[str, ...] = (job.subject,)
    if job.is_recording:
        chosen, names = [one_recording(Path(job.subject))], ("loudness", "shut")
    elif job.subject == MODEL:
        # The teacher must be told the phones, and the capture has none.
        names += LIP_BASELINES if job.split == SPEECH else LIP_BASELINES[:-1]
    chosen += [made[name]() for name in names if name in made]
    return chosen + [recordings(name, folder) for name, folder in job.folders()]


def _model(job: EvaluationJob) -> "Subject":
    from umo_runtime.cli.model_subject import model_subject

    return model_subject(job.weights, job.seed, job.num_seeds)


def _bodies(job: EvaluationJob) -> "tuple[BodyReference, list[Subject]]":
    """What bodies are compared with, and the baselines beside them."""
    from umo_runtime.evaluation import body_baselines
    from umo_runtime.evaluation.gesture_encoder import GestureEncoder
    from umo_runtime.evaluation.measure import BodyReference
    from umo_runtime.evaluation.subjects_body import body_baseline
    from umo_runtime.training.corpora.smartbody import is_test_clip

    encoder = GestureEncoder.load(job.gesture_encoder or _ENCODER)
    clips = _read_motion(job)
    learnt = [
        clip
        for clip in clips
        if body_baselines.is_conversational(clip) and not is_test_clip(clip.name)
    ]
    reference = BodyReference(
        body_baselines.held_out_motion(clips), body_baselines.real_motion(learnt), encoder
    )
    names = BODY_BASELINES if job.subject == MODEL else (job.subject,)
    return reference, [body_baseline(name, clips, job.seed, job.num_seeds) for name in names]


def _read_motion(job: EvaluationJob) -> "list[MotionClip]":
    from umo_runtime.evaluation.splits import corpus_path
    from umo_runtime.training.corpora.smartbody import read_smartbody

    with Console(stderr=True).status("reading motion, about two minutes"):
        return list(read_smartbody(corpus_path(job.data, _MOTION)))


def measure_motion(job: EvaluationJob) -> "Results":
    """Keyframes, and the motion tokenizer of a run, on held-out motion."""
    from umo_runtime.evaluation.body_baselines import held_out_motion
    from umo_runtime.evaluation.keyframes import FILLINGS, keyframe_figures
    from umo_runtime.evaluation.results import Results
    from umo_runtime.evaluation.tokenizer import load_tokenizer, measure_tokenizer

    tokenizer = None if job.run is None else load_tokenizer(job.run)
    real = held_out_motion(_read_motion(job))
    results = {name: keyframe_figures(real, fill) for name, fill in FILLINGS.items()}
    if tokenizer is not None:
        results |= measure_tokenizer(tokenizer, real, job.data)
    return Results(results)


def measure_beat2(job: EvaluationJob) -> "Results":
    """The usual figures where the body was captured with the speech."""
    from umo_runtime.evaluation.beat2_figures import beat2_figures, read_test_motion
    from umo_runtime.evaluation.gesture_encoder import GestureEncoder
    from umo_runtime.evaluation.results import Results
    from umo_runtime.evaluation.subjects_body import shuffled

    encoder = GestureEncoder.load(job.gesture_encoder or _ENCODER)
    others = shuffled([real for _, real in read_test_motion(job.data)])
    takes = {}
    for subject in (_model(job), others):
        with step_bar("performing", None) as advance:
            performs = [partial(_perform, take, advance) for take in subject.takes()]
            figures = [beat2_figures(job.data, perform, encoder) for perform in performs]
        takes[subject.name] = [each["made"] for each in figures]
    return Results.over_seeds({**takes, "real": [figures[0]["real"]]})


def _perform(
    subject: "Subject", advance: Callable[[], None], utterance: "Utterance"
) -> "Performance":
    from umo_runtime.evaluation.splits import Case

    advance()
    return subject.perform(Case(utterance))
