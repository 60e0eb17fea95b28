"""Nods on accents: the head dips a few degrees with stressed syllables.

Source: K. Munhall et al., "Visual prosody and speech intelligibility", Psychological Science 2004
(head motion follows pitch and loudness).
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, FloatArray, multiply
from umo_runtime.training.corpora.idle import wander
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.speech_clock import smooth_activity
from umo_runtime.training.corpora.utterance import BoolArray
from umo_runtime.types import FRAME_RATE_HZ

_NOD_RAD = (0.030, 0.085)  # about 2 to 5 degrees, weakest and strongest accent
_NOD_RISE_S, _NOD_FALL_S = 0.11, 0.20  # widths of the two halves
_NOD_LAG_S = 0.05  # the dip's bottom after the accent
_NOD_CHANCE = 0.8
_TURN_RAD = np.array([0.02, 0.07, 0.03], np.float32)  # slow pitch, yaw and tilt while speaking


def nod(
    rotations: FloatArray,
    accents: Sequence[Accent],
    activity: BoolArray,
    rng: np.random.Generator,
    manner: Manner = NATURAL,
) -> None:
    """Add nods and the livelier drift of a speaking head, in place; rotations [T, 55, 4]."""
    time = np.arange(len(rotations)) / FRAME_RATE_HZ
    speaking = smooth_activity(activity)
    vector = _TURN_RAD * wander(len(rotations), rng, 3, slowest_s=4.0) * speaking[:, None]
    for accent in accents:
        depth = np.interp(accent.strength, (0, 1), _NOD_RAD) * rng.uniform(0.7, 1.2)
        if rng.uniform() > _NOD_CHANCE:
            continue
        late = time - accent.time_s - _NOD_LAG_S
        width = np.where(late < 0, _NOD_RISE_S, _NOD_FALL_S)
        vector[:, 0] += depth * np.exp(-0.5 * (late / width) ** 2)
    vector *= manner.drift
    for bone, share in (("Neck", 0.4), ("Head", 0.6)):
        turn = from_rotation_vector((vector * share).astype(np.float32))
        rotations[:, BONE_INDEX[bone]] = multiply(rotations[:, BONE_INDEX[bone]], turn)
