"""What a body does that has nothing to say: weight from leg to leg, glances, arms that settle.

Source: M. Duarte and V. Zatsiorsky, "Patterns of center of pressure migration during prolonged
unconstrained standing", Motor Control 1999 (people who stand at will shift their weight again and
again, and fidget).
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, FloatArray, multiply
from umo_runtime.training.corpora.looks import Look, head_course
from umo_runtime.training.corpora.manner import Manner
from umo_runtime.training.corpora.min_jerk import onsets, postures
from umo_runtime.training.corpora.rotations import from_rotation_vector

_SHIFT_EVERY_S = (6.0, 15.0)
_SHIFT_TAKES_S = (1.1, 2.0)
_SHIFT_SHARE = (0.55, 1.0)  # of the largest shift
_SETTLE_EVERY_S = (7.0, 20.0)
_SETTLE_TAKES_S = (0.7, 1.2)
# Least and most of a settled arm, radians: away from the side, forward, elbow, wrist.
_SETTLED_RAD = np.array([[0.0, 0.07], [-0.03, 0.12], [0.0, 0.35], [-0.15, 0.15]])


def weight_shifts(num_frames: int, rng: np.random.Generator) -> FloatArray:
    """Which leg carries the weight, [T]: -1 the right, 1 the left."""
    times = onsets(num_frames, _SHIFT_EVERY_S, rng)
    durations = rng.uniform(*_SHIFT_TAKES_S, len(times))
    side = rng.choice((-1, 1)) * (-1.0) ** np.arange(len(times) + 1)
    targets = side * rng.uniform(*_SHIFT_SHARE, len(side))
    return postures(num_frames, times, durations, targets[:, None])[:, 0]


def turn_head(rotations: FloatArray, looks: Sequence[Look]) -> None:
    """Let the head follow the eyes, in place; rotations [T, 55, 4]."""
    if not looks:
        return
    yaw, pitch = head_course(looks, len(rotations)).T
    vector = np.stack((-pitch, yaw, np.zeros_like(yaw)), axis=1)
    for bone, share in (("Neck", 0.45), ("Head", 0.55)):
        turn = from_rotation_vector(vector * np.float32(share))
        rotations[:, BONE_INDEX[bone]] = multiply(rotations[:, BONE_INDEX[bone]], turn)


def settle_arms(rotations: FloatArray, manner: Manner, rng: np.random.Generator) -> None:
    """Let each arm come to hang a little differently from time to time, in place."""
    for hand, mirrored in (("Left", 1), ("Right", -1)):
        times = onsets(len(rotations), _SETTLE_EVERY_S, rng)
        durations = rng.uniform(*_SETTLE_TAKES_S, len(times))
        least, most = _SETTLED_RAD.T
        targets = rng.uniform(least, most, (len(times) + 1, len(least)))
        course = manner.drift * postures(len(rotations), times, durations, targets)
        out, forward, elbow, wrist = course.T
        zero = np.zeros_like(out)
        for bone, vector in (
            ("UpperArm", (-forward, zero, mirrored * out)),
            ("LowerArm", (zero, -mirrored * elbow, zero)),
            ("Hand", (mirrored * wrist, zero, zero)),
        ):
            index = BONE_INDEX[f"{hand}{bone}"]
            turn = from_rotation_vector(np.stack(vector, axis=1).astype(np.float32))
            rotations[:, index] = multiply(turn, rotations[:, index])
