"""Does the head do what words call for? Its speed about the axis of each word's gesture."""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, multiply
from umo_runtime.training.corpora.gesture_words import meaning_of
from umo_runtime.training.corpora.head_gestures import HEAD_GESTURES
from umo_runtime.training.corpora.rotations import conjugate, to_rotation_vector
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import FRAME_RATE_HZ, FloatArray

_BEFORE_S, _AFTER_S = 0.1, 0.3  # when a gesture begins, and how late a head may end it


def head_speed(rotations: FloatArray) -> FloatArray:
    """How fast the head turns against the chest about its x, y and z, [T - 1, 3] rad/s."""
    head = multiply(rotations[:, BONE_INDEX["Neck"]], rotations[:, BONE_INDEX["Head"]])
    return to_rotation_vector(multiply(conjugate(head[:-1]), head[1:])) * FRAME_RATE_HZ


def head_at_words(
    takes: Sequence[Sequence[Performance]], utterances: Sequence[Utterance]
) -> dict[str, float]:
    """Speed at words that call for a head gesture, about its axis, over that in all speech.

    Args:
        takes: performances of each utterance by seed.
        utterances: with timed words.

    Returns:
        The mean ratio by meaning and of all words; 1 is no effect.
    """
    speech = np.concatenate(
        [np.abs(head_speed(p.rotations))[~p.is_silent()[1:]] for seeds in takes for p in seeds]
    ).mean(axis=0)
    ratios: dict[str, list[float]] = {}
    for seeds, utterance in zip(takes, utterances, strict=True):
        speeds = [np.abs(head_speed(performance.rotations)) for performance in seeds]
        for word in utterance.words:
            meaning = meaning_of(word.label)
            if meaning not in HEAD_GESTURES:
                continue
            gesture = HEAD_GESTURES[meaning]
            ends_s = word.start_s - _BEFORE_S, word.start_s + gesture.duration_s + _AFTER_S
            first, last = (max(0, round(end_s * FRAME_RATE_HZ)) for end_s in ends_s)
            near = np.mean([speed[first:last, gesture.axis].mean() for speed in speeds])
            ratios.setdefault(meaning, []).append(float(near / speech[gesture.axis]))
    every = [ratio for each in ratios.values() for ratio in each]
    return {"all": float(np.mean(every)), **{m: float(np.mean(r)) for m, r in ratios.items()}}
