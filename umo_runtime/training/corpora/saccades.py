"""Where speakers look: mostly at the listener, away when they begin to speak.

Sources: A. Kendon, "Some functions of gaze-direction in social interaction", 1967 (aversion at the
start of an utterance; who listens looks more steadily); S. Lee, J. Badler and N. Badler, "Eyes
alive", SIGGRAPH 2002 (amplitudes).
"""

import numpy as np
import numpy.typing as npt

from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

FloatArray = npt.NDArray[np.float32]
_Times = npt.NDArray[np.float64]

AVERSION, LISTENERS_AVERSION = 0.2, 0.06

_FIXATION_MEDIAN_S = 1.1
_FIXATION_SPREAD = 0.5  # standard deviation of the logarithm
_FIXATION_RANGE = (4, 22)  # keyframes: 0.5 to 3 s
_LISTENER_SPREAD_RAD = np.deg2rad((1.2, 0.8))  # eyes wander over the face they look at
_AVERSION_YAW_DEG = (3.0, 4.0, 10.0)  # least, likeliest, most
_AVERSION_PITCH_DEG = (-5.0, 4.0)
_AVERSION_AT_START = 0.65
_START_BEFORE_S = 0.4  # thinking begins before the voice does


def gaze(
    num_frames: int,
    phrase_starts_s: _Times,
    rng: np.random.Generator,
    aversion: float = AVERSION,
) -> FloatArray:
    """Eye yaw (positive to the left) and pitch (positive up) in radians, [T, 2].

    Constant between saccades, which start on keyframes only.

    Args:
        num_frames: T.
        phrase_starts_s: when the speaker begins after a pause.
        rng: source of chance.
        aversion: how often eyes turn away at other times.
    """
    count = num_frames // (_FIXATION_RANGE[0] * FRAMES_PER_KEYFRAME) + 1
    fixations_s = _FIXATION_MEDIAN_S * rng.lognormal(0.0, _FIXATION_SPREAD, count)
    keyframes = np.round(fixations_s * FRAME_RATE_HZ / FRAMES_PER_KEYFRAME).clip(*_FIXATION_RANGE)
    onsets = np.concatenate(([0.0], np.cumsum(keyframes)[:-1])) * FRAMES_PER_KEYFRAME
    is_starting = _follows(onsets / FRAME_RATE_HZ, phrase_starts_s)
    averts = rng.random(count) < np.where(is_starting, _AVERSION_AT_START, aversion)
    targets = np.where(averts[:, None], _aversions(count, rng), _glances(count, rng))
    current = np.searchsorted(onsets, np.arange(num_frames), "right") - 1
    looked: FloatArray = targets[current].astype(np.float32)
    return looked


def _follows(onsets: _Times, starts: _Times) -> npt.NDArray[np.bool_]:
    """Which saccades come from just before a phrase to the end of a usual fixation after it."""
    since = onsets[:, None] - starts + _START_BEFORE_S
    is_near = (since >= 0) & (since < _FIXATION_MEDIAN_S)
    return np.asarray(is_near.any(axis=1), np.bool_)


def _glances(count: int, rng: np.random.Generator) -> _Times:
    return rng.normal(0.0, 1.0, (count, 2)) * _LISTENER_SPREAD_RAD


def _aversions(count: int, rng: np.random.Generator) -> _Times:
    side = rng.choice((-1.0, 1.0), count)
    yaw = side * rng.triangular(*_AVERSION_YAW_DEG, count)
    pitch = rng.uniform(*_AVERSION_PITCH_DEG, count)
    return np.deg2rad(np.stack((yaw, pitch), axis=1))
