"""Who is measured, and the baselines of lips; the command line adds the model itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.evaluation.lips_ridge import RidgeLips
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case, training_captures, training_utterances
from umo_runtime.interpolator.gaze import eye_rotation
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, REST_OFFSETS_M
from umo_runtime.training.corpora.articulation import articulate
from umo_runtime.training.corpora.face_teacher import FaceTeacher
from umo_runtime.types import FRAME_RATE_HZ, FloatArray

Perform = Callable[[Case], Performance]

_LOUD_JAW = 0.5  # what a jaw driven by loudness opens at most
_LOUD_RANGE_DB = 30.0


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that performs speech.

    Attributes:
        name: heading of its column.
        perform: what it shows for a case.
        has_mouth: whether the lips are its own.
        has_eyes: whether blinks and gaze are its own.
        has_body: whether the body is its own.
        again: how it performs with other seeds; none where nothing is drawn at random.
    """

    name: str
    perform: Perform
    has_mouth: bool = True
    has_eyes: bool = False
    has_body: bool = False
    again: tuple[Perform, ...] = ()

    def takes(self) -> "list[Subject]":
        """The subject with one seed after another."""
        performs = (self.perform, *self.again)
        return [replace(self, perform=perform, again=()) for perform in performs]


def face_only(blendshapes: FloatArray, samples: FloatArray) -> Performance:
    """A performance of a head on a body in its T-pose, from blendshapes [T, 52] at 30 fps."""
    frames = len(blendshapes)
    return Performance(
        float(FRAME_RATE_HZ),
        np.tile(IDENTITY_ROTATIONS, (frames, 1, 1)),
        np.tile(REST_OFFSETS_M[0], (frames, 1)),
        blendshapes,
        samples,
    )


def shut_mouth() -> Subject:
    """Never moves: what a figure gives away for nothing."""

    def perform(case: Case) -> Performance:
        samples = case.utterance.samples
        blendshapes = np.zeros((num_frames(len(samples)), NUM_BLENDSHAPES), np.float32)
        return face_only(blendshapes, samples)

    return Subject("shut", perform)


def loudness() -> Subject:
    """A jaw that opens with the level of the sound: the simplest live lip-sync there is."""

    def perform(case: Case) -> Performance:
        still = shut_mouth().perform(case)
        level = still.level_db()
        share = (level - np.quantile(level, 0.95)) / _LOUD_RANGE_DB + 1
        still.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] = _LOUD_JAW * np.clip(share, 0, 1)
        return still

    return Subject("loudness", perform)


def face_teacher() -> Subject:
    """The rule that the model learnt from; it is told the phone times, so it is no rival."""

    def perform(case: Case) -> Performance:
        utterance = case.utterance
        rng = np.random.default_rng(list(utterance.name.encode()))
        face = FaceTeacher().perform(utterance, num_frames(len(utterance.samples)), rng)
        performance = face_only(face.blendshapes, utterance.samples)
        eyes = eye_rotation(torch.from_numpy(face.gaze_rad)).numpy()
        for bone in ("LeftEye", "RightEye"):
            performance.rotations[:, BONE_INDEX[bone]] = eyes
        return performance

    return Subject("teacher", perform, has_eyes=True)


def ridge(data: Path) -> Subject:
    """Ridge regression, fitted when first asked: to captures for a capture, else to the teacher."""

    @lru_cache
    def fitted(is_capture: bool) -> RidgeLips:
        if is_capture:
            return RidgeLips((take.samples, take.blendshapes) for take in training_captures(data))
        return RidgeLips(
            (take.samples, articulate(take, num_frames(len(take.samples))))
            for take in training_utterances(data)
        )

    def perform(case: Case) -> Performance:
        samples = case.utterance.samples
        return face_only(fitted(case.capture is not None).perform(samples), samples)

    return Subject("ridge", perform)
