"""What raised arms do between strokes: small beats on further accents, and a slow float.

Both run on the speech clock, so that arms are still when the voice is.
Source: D. McNeill, "Hand and Mind", 1992 (beats superimposed on a held gesture).
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, FloatArray, multiply
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.speech_clock import SpeechClock

_ELBOW_RAD = (0.10, 0.26)  # drop of the forearm, weakest and strongest beat
_WRIST_SHARE = 0.6
_DROP_S, _LIFT_S, _LIFT_LEAD_S = 0.09, 0.11, 0.24  # a beat lifts a little, then drops on the accent
_FLOAT_RAD = {"UpperArm": 0.035, "LowerArm": 0.060, "Hand": 0.055}
_FLOAT_HZ = (0.35, 0.9)


def enliven(
    rotations: FloatArray,
    hand: str,
    raised: FloatArray,
    beats: Sequence[tuple[float, float]],
    clock: SpeechClock,
    rng: np.random.Generator,
    manner: Manner = NATURAL,
) -> None:
    """Add beats and float to one arm, in place.

    Args:
        rotations: [T, 55, 4].
        hand: `Left` or `Right`.
        raised: how much the arm is gesturing, [T] in 0..1.
        beats: speech time and strength of the accents that have no stroke.
        clock: the utterance's speech clock.
        rng: the float.
        manner: how large the beats and the float are.
    """
    elbow = manner.drift * _beat_course(beats, clock.elapsed_s)
    bend = np.zeros((len(rotations), 3), np.float32)
    bend[:, 1] = elbow if hand == "Left" else -elbow  # the elbow's hinge, extending
    _turn(rotations, f"{hand}LowerArm", bend * raised[:, None])
    dip = np.zeros_like(bend)
    dip[:, 2] = _WRIST_SHARE * (-elbow if hand == "Left" else elbow)  # towards the palm
    _turn(rotations, f"{hand}Hand", dip * raised[:, None])
    for bone, reach in _FLOAT_RAD.items():
        rate = rng.uniform(*_FLOAT_HZ, (3, 3))
        phase = rng.uniform(0, 2 * np.pi, (3, 3))
        waves = np.sin(2 * np.pi * rate * clock.elapsed_s[:, None, None] + phase).mean(-1)
        _turn(
            rotations,
            f"{hand}{bone}",
            (manner.drift * reach * waves * raised[:, None]).astype(np.float32),
        )


def _beat_course(beats: Sequence[tuple[float, float]], speech_s: FloatArray) -> FloatArray:
    """Elbow extension [T] in radians."""
    course = np.zeros(len(speech_s), np.float32)
    for time_s, strength in beats:
        late = speech_s - time_s
        drop = np.exp(-0.5 * (late / _DROP_S) ** 2)
        lift = np.exp(-0.5 * ((late + _LIFT_LEAD_S) / _LIFT_S) ** 2)
        course += np.interp(strength, (0, 1), _ELBOW_RAD) * (drop - 0.6 * lift)
    return course


def _turn(rotations: FloatArray, bone: str, vector: FloatArray) -> None:
    """Turn a bone by rotation vectors [T, 3] given in its parent's axes."""
    index = BONE_INDEX[bone]
    rotations[:, index] = multiply(from_rotation_vector(vector), rotations[:, index])
