"""What a listener's head does: it attends, and nods where the speaker pauses.

Sources: I. Poggi, F. D'Errico and L. Vincze, "Types of nods. The polysemy of a social signal", LREC
2010; U. Hadar, T. Steiner and F. Rose, "Head movement during listening turns in conversation",
Journal of Nonverbal Behavior 1985 (listeners move in time with the pauses of speech).
"""

from dataclasses import dataclass

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, FloatArray, multiply
from umo_runtime.training.corpora.idle import wander
from umo_runtime.training.corpora.manner import Manner
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.speech_clock import runs
from umo_runtime.training.corpora.utterance import BoolArray
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

_NOD_CHANCE = 0.6
_DOUBLE_CHANCE = 0.4
_AFTER_S = (0.15, 0.45)  # from the end of the phrase to the nod's beginning
_NOD_S = (0.2, 0.35)
_NOD_RAD = (0.10, 0.18)
_SECOND_SHARE = 0.7  # of the first nod's depth
_LEAN_RAD = 0.04  # towards the speaker
_ATTEND_RAD = np.array([0.015, 0.03, 0.045], np.float32)  # slow pitch, yaw and tilt


@dataclass(frozen=True, slots=True)
class Nod:
    """A dip of the head.

    Attributes:
        lowest_frame: its middle, on a keyframe.
        duration_s: 0.2..0.35.
        depth_rad: how far the head dips.
    """

    lowest_frame: int
    duration_s: float
    depth_rad: float


def plan_nods(activity: BoolArray, manner: Manner, rng: np.random.Generator) -> list[Nod]:
    """Nods, single and double, after the phrases of a speaker whose activity is [T]."""
    nods: list[Nod] = []
    for _, end in runs(activity):
        is_nodding = rng.uniform() < min(0.9, _NOD_CHANCE * manner.drift)
        duration_s = rng.uniform(*_NOD_S)
        middle = end + (rng.uniform(*_AFTER_S) + duration_s / 2) * FRAME_RATE_HZ
        lowest = round(middle / FRAMES_PER_KEYFRAME) * FRAMES_PER_KEYFRAME
        depth = manner.drift * rng.uniform(*_NOD_RAD)
        is_double = rng.uniform() < _DOUBLE_CHANCE
        if is_nodding:
            nods.append(Nod(lowest, duration_s, depth))
        if is_nodding and is_double:
            # Two keyframes on, the next on which a head that was up between can be down again.
            second = lowest + 2 * FRAMES_PER_KEYFRAME
            nods.append(Nod(second, duration_s, _SECOND_SHARE * depth))
    return nods


def attend(
    rotations: FloatArray, activity: BoolArray, manner: Manner, rng: np.random.Generator
) -> list[Nod]:
    """Turn the head to a speaker and nod, in place.

    Args:
        rotations: [T, 55, 4].
        activity: when the other one speaks, [T].
        manner: how lively the listener is.
        rng: all choices.

    Returns:
        The nods.
    """
    vector = manner.drift * _ATTEND_RAD * wander(len(rotations), rng, 3, slowest_s=9.0)
    vector[:, 0] += _LEAN_RAD
    time_s = np.arange(len(rotations)) / FRAME_RATE_HZ
    nods = plan_nods(activity, manner, rng)
    dip = np.zeros_like(time_s)
    for nod in nods:
        phase = (time_s - nod.lowest_frame / FRAME_RATE_HZ) / nod.duration_s
        dip = np.maximum(dip, nod.depth_rad * np.cos(np.pi * phase.clip(-0.5, 0.5)) ** 2)
    vector[:, 0] += dip
    for bone, share in (("Neck", 0.4), ("Head", 0.6)):
        turn = from_rotation_vector((vector * share).astype(np.float32))
        rotations[:, BONE_INDEX[bone]] = multiply(rotations[:, BONE_INDEX[bone]], turn)
    return nods
