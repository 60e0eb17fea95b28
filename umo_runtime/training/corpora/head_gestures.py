"""What heads do with words: shake at a negation, sweep over everyone, tilt at a question.

A head gesture begins a little before its word and is over soon after it.
Sources: E. McClave, "Linguistic functions of head movements in the context of speech", Journal of
Pragmatics 2000 (shakes with negation, sweeps with inclusivity, turns with deixis); J. Lee and
S. Marsella, "Nonverbal Behavior Generator for Embodied Conversational Agents", IVA 2006.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.skeleton import BONE_INDEX, FloatArray, multiply
from umo_runtime.training.corpora.gesture_words import meaning_of
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.types import FRAME_RATE_HZ

_PITCH, _YAW, _TILT = range(3)  # positive is down, to the left, to the right shoulder
_CHANCE = 0.85
_LEAD_S = 0.1  # from the beginning of the gesture to that of its word
_SIZE = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class HeadGesture:
    """A movement of the head under a bell.

    Attributes:
        axis: 0 pitch, 1 yaw, 2 tilt.
        size_rad: how far it goes, with its sign.
        duration_s: from its beginning to its end.
        swings: how often it goes there and back again; none is one way only.
    """

    axis: int
    size_rad: float
    duration_s: float
    swings: float = 0.0


HEAD_GESTURES: dict[str, HeadGesture] = {
    "no": HeadGesture(_YAW, 0.19, 0.95, 2.0),
    "all": HeadGesture(_YAW, 0.22, 1.0, 1.0),
    "question": HeadGesture(_TILT, 0.15, 0.9),
    "maybe": HeadGesture(_TILT, -0.15, 0.9),
    "you": HeadGesture(_PITCH, 0.15, 0.6),
    "me": HeadGesture(_PITCH, -0.10, 0.6),
    "count": HeadGesture(_PITCH, 0.12, 0.45),
    "beat_high": HeadGesture(_PITCH, 0.15, 0.5),
    "left": HeadGesture(_YAW, 0.20, 0.9),
    "right": HeadGesture(_YAW, -0.20, 0.9),
}


def plan_head_gestures(
    words: Sequence[Span], rng: np.random.Generator
) -> list[tuple[float, HeadGesture]]:
    """Times and gestures of the words that have one, each after the one before is over."""
    planned: list[tuple[float, HeadGesture]] = []
    free_s = -np.inf
    for word in words:
        gesture = HEAD_GESTURES.get(meaning_of(word.label))
        start_s = word.start_s - _LEAD_S
        if gesture is None or start_s < free_s or rng.uniform() > _CHANCE:
            continue
        planned.append((start_s, gesture))
        free_s = start_s + gesture.duration_s
    return planned


def gesture_with_head(
    rotations: FloatArray,
    words: Sequence[Span],
    rng: np.random.Generator,
    manner: Manner = NATURAL,
) -> None:
    """Add the head gestures of timed words, in place; rotations [T, 55, 4]."""
    time_s = np.arange(len(rotations)) / FRAME_RATE_HZ
    vector = np.zeros((len(rotations), 3), np.float32)
    for start_s, gesture in plan_head_gestures(words, rng):
        size_rad = manner.drift * gesture.size_rad * rng.uniform(*_SIZE)
        vector[:, gesture.axis] += size_rad * _course(gesture, time_s - start_s)
    for bone, share in (("Neck", 0.4), ("Head", 0.6)):
        turn = from_rotation_vector(vector * np.float32(share))
        rotations[:, BONE_INDEX[bone]] = multiply(rotations[:, BONE_INDEX[bone]], turn)


def _course(gesture: HeadGesture, since_s: npt.NDArray[np.float64]) -> FloatArray:
    """-1..1 over the time [T] since the gesture began; 0 before and after it."""
    phase = (since_s / gesture.duration_s).clip(0, 1)
    bell = np.sin(np.pi * phase) ** 2
    if not gesture.swings:
        return np.asarray(bell, np.float32)
    return np.asarray(bell * np.sin(2 * np.pi * gesture.swings * phase), np.float32)
