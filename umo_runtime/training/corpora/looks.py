"""Where someone who waits looks: ahead, now and then to a side for a while.

Eyes jump first, the head follows and brings them back towards the middle.
Source: E. Freedman, "Coordination of the eyes and head during visual orienting", Experimental Brain
Research 2008 (eyes lead; the head takes the larger part of large gaze shifts).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.training.corpora.min_jerk import postures
from umo_runtime.training.corpora.utterance import FloatArray
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

_AHEAD_S, _ASIDE_S = (2.5, 8.0), (0.9, 3.0)
_YAW_DEG, _PITCH_DEG = (12.0, 42.0), (-10.0, 8.0)
_AHEAD_DEG = 3.0  # how exactly ahead is looked
_HEAD_SHARE = 0.75
_HEAD_LATE_S = 0.1
_HEAD_MOVE_S = (0.45, 0.9)  # no turn and the largest
_LARGEST_RAD = float(np.deg2rad(2 * _YAW_DEG[1]))
_ARRIVAL_FRAMES = 4 * FRAMES_PER_KEYFRAME  # from the eyes' jump until they come back
_EYE_REACH_RAD = float(np.deg2rad(14.0))


@dataclass(frozen=True, slots=True)
class Look:
    """A new direction.

    Attributes:
        frame: when the eyes jump there, on a keyframe.
        yaw_rad: positive to the left.
        pitch_rad: positive up.
    """

    frame: int
    yaw_rad: float
    pitch_rad: float


def look_around(num_frames: int, rng: np.random.Generator) -> tuple[Look, ...]:
    """Glances to either side with rests ahead between them, in order of time."""
    looks: list[Look] = []
    time_s = rng.uniform(0, _AHEAD_S[1])
    while time_s * FRAME_RATE_HZ < num_frames:
        is_aside = len(looks) % 2 == 0
        yaw = rng.choice((-1, 1)) * rng.uniform(*_YAW_DEG)
        yaw, pitch = (yaw, rng.uniform(*_PITCH_DEG)) if is_aside else rng.normal(0, _AHEAD_DEG, 2)
        frame = round(time_s * FRAME_RATE_HZ / FRAMES_PER_KEYFRAME) * FRAMES_PER_KEYFRAME
        looks.append(Look(frame, float(np.deg2rad(yaw)), float(np.deg2rad(pitch))))
        time_s += rng.uniform(*(_ASIDE_S if is_aside else _AHEAD_S))
    return tuple(looks)


def head_course(looks: Sequence[Look], num_frames: int) -> FloatArray:
    """Yaw and pitch of the head, [T, 2] radians."""
    directions = [(0.0, 0.0), *((look.yaw_rad, look.pitch_rad) for look in looks)]
    targets = _HEAD_SHARE * np.array(directions, np.float32)
    far = np.linalg.norm(np.diff(targets, axis=0), axis=1) / _LARGEST_RAD
    onsets = np.array([look.frame for look in looks], np.float32) / FRAME_RATE_HZ + _HEAD_LATE_S
    return postures(num_frames, onsets, np.interp(far, (0, 1), _HEAD_MOVE_S), targets)


def lead_with_eyes(gaze_rad: FloatArray, looks: Sequence[Look]) -> None:
    """Let the eyes jump ahead of the head and back, in place; `gaze_rad` [T, 2] is in the head.

    Eyes rest between jumps, and jump on keyframes only.
    """
    course = head_course(looks, len(gaze_rad))
    ends = [*(look.frame for look in looks), len(gaze_rad)][1:]
    for look, end in zip(looks, ends, strict=True):
        goal = np.array([look.yaw_rad, look.pitch_rad], np.float32)
        arrival = look.frame + _ARRIVAL_FRAMES
        first = goal - course[min(look.frame, len(course) - 1)]
        gaze_rad[look.frame : min(arrival, end)] = first.clip(-_EYE_REACH_RAD, _EYE_REACH_RAD)
        gaze_rad[arrival:end] += (1 - _HEAD_SHARE) * goal
