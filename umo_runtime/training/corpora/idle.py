"""Standing at ease: a recorded idle, breathing, small drifts, feet planted.

The recorded idle is played to and fro, so that it never jumps, from a random place. Hips keep their
recorded sway, a slow drift and, in who waits, shifts of the weight from leg to leg; the legs follow
by inverse kinematics, so feet never slide.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
    multiply,
)
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.mirror import mirror_clip
from umo_runtime.training.corpora.planted_legs import excess_reach, plant_feet
from umo_runtime.training.corpora.rotations import (
    about_y,
    conjugate,
    from_rotation_vector,
    normalize,
    yaw_of,
)
from umo_runtime.training.corpora.utterance import FloatArray, MotionClip
from umo_runtime.types import FRAME_RATE_HZ, IntArray

_IDLE_NAMES = ("Idle01", "Idle02", "IdleStand01", "HandsAtSide_Motex")
_CONVERSATIONAL = ("ChrBrad", "ChrGarza", "ChrConnor", "unnamed")
_SWAY_M = np.array([0.008, 0.002, 0.003], np.float32)
_DRIFT_RAD = {"Head": (0.030, 0.045, 0.020), "UpperChest": (0.006, 0.010, 0.006)}
# What the hips do over one leg: their way, their tilt, and the shoulders' tilt against it.
_LEAN_M, _LEAN_RAD, _SHOULDERS_RAD = 0.045, 0.055, -0.015
_MOST_LEAN = 1.2  # times that, however lively: there is no further to go over a foot
_BREATH_HZ = 0.25  # 15 breaths a minute, as adults at rest
_BREATH_RAD = 0.007
_REST_ANKLE_HEIGHT_M = float(
    forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])[0][BONE_INDEX["LeftFoot"], 1]
)


def collect_idles(clips: Iterable[MotionClip]) -> list[MotionClip]:
    """The calm standing clips with hanging arms, and their mirror images."""
    idles = [
        clip for clip in clips if clip.name in _IDLE_NAMES and clip.character in _CONVERSATIONAL
    ]
    return [version for clip in idles for version in (clip, mirror_clip(clip))]


def stand_at_ease(
    idles: Sequence[MotionClip],
    num_frames: int,
    rng: np.random.Generator,
    manner: Manner = NATURAL,
    weight: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """An idle of any length.

    Args:
        idles: the recorded idles, at least one.
        num_frames: T.
        rng: picks the idle, the place in it and the drifts.
        manner: how much it drifts.
        weight: which leg carries it, [T]: -1 the right, 1 the left; by default both.

    Returns:
        Rotations [T, 55, 4] and hips positions [T, 3]; feet are fixed to the floor.
    """
    clip = idles[int(rng.integers(len(idles)))]
    frames = to_and_fro(len(clip.rotations), num_frames, rng)
    rotations = clip.rotations[frames].copy()
    middle = clip.root_position.mean(axis=0) * np.array([1, 0, 1], np.float32)
    root_position = clip.root_position[frames] - middle
    sway_m = manner.drift * _SWAY_M * wander(num_frames, rng, 3, slowest_s=9.0)
    root_position = root_position + sway_m
    for bone, reach in _DRIFT_RAD.items():
        drift = manner.drift * np.array(reach, np.float32) * wander(num_frames, rng, 3)
        turn = from_rotation_vector(drift)
        rotations[:, BONE_INDEX[bone]] = multiply(rotations[:, BONE_INDEX[bone]], turn)
    _breathe(rotations, rng)
    ankles, foot_turns = _stance(clip, middle)
    if weight is not None:
        root_position = root_position + _lean(
            rotations, weight * min(manner.drift, _MOST_LEAN), ankles
        )
    return _plant(rotations, root_position.astype(np.float32), ankles, foot_turns)


def to_and_fro(length: int, num_frames: int, rng: np.random.Generator) -> IntArray:
    """Frame numbers [num_frames] that walk up and down a clip of `length` frames."""
    position = rng.integers(2 * length) + np.arange(num_frames)
    return np.asarray(length - 1 - np.abs(position % (2 * length) - length + 0.5).astype(int))


def wander(
    num_frames: int, rng: np.random.Generator, width: int, slowest_s: float = 6.0
) -> FloatArray:
    """Smooth noise [T, width] of about -1..1: four sines of random phase each."""
    time = np.arange(num_frames)[:, None, None] / FRAME_RATE_HZ
    rate_hz = rng.uniform(1.0, 3.5, (width, 4)) / slowest_s
    phase = rng.uniform(0, 2 * np.pi, (width, 4))
    return np.asarray(np.sin(2 * np.pi * rate_hz * time + phase).mean(-1) * 1.4, np.float32)


def _breathe(rotations: FloatArray, rng: np.random.Generator) -> None:
    """Chest and shoulders rise and fall, in place."""
    time = np.arange(len(rotations)) / FRAME_RATE_HZ
    rise = np.sin(2 * np.pi * (_BREATH_HZ * time + rng.uniform())) * _BREATH_RAD
    for bone, axis, share in (
        ("UpperChest", 0, -1.0),
        ("Neck", 0, 0.8),
        ("LeftShoulder", 2, 1.2),
        ("RightShoulder", 2, -1.2),
    ):
        vector = np.zeros((len(rise), 3), np.float32)
        vector[:, axis] = share * rise
        index = BONE_INDEX[bone]
        rotations[:, index] = multiply(rotations[:, index], from_rotation_vector(vector))


def _lean(rotations: FloatArray, weight: FloatArray, ankles_m: FloatArray) -> FloatArray:
    """Tilt the hips over the leg that carries the weight, in place, and return their way [T, 3].

    The hip of the free leg drops and the shoulders tilt a little the other way.
    """
    across = normalize((ankles_m[0] - ankles_m[1]) * np.array([1, 0, 1], np.float32))
    ahead = np.cross(across, np.array([0, 1, 0], np.float32))
    hips, spine = BONE_INDEX["Hips"], BONE_INDEX["Spine"]
    chest = multiply(rotations[:, hips], rotations[:, spine])
    rotations[:, hips] = multiply(_about(ahead, _LEAN_RAD * weight), rotations[:, hips])
    chest = multiply(_about(ahead, _SHOULDERS_RAD * weight), chest)
    rotations[:, spine] = multiply(conjugate(rotations[:, hips]), chest)
    return np.asarray(_LEAN_M * weight[:, None] * across, np.float32)


def _about(axis: FloatArray, angle_rad: FloatArray) -> FloatArray:
    return from_rotation_vector(axis * angle_rad[:, None])


def _stance(clip: MotionClip, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the clip has its ankles on average, [2, 3], and how its feet are turned, [2, 4]."""
    at, _ = forward_kinematics(clip.rotations[::10], clip.root_position[::10] - middle)
    feet = [BONE_INDEX["LeftFoot"], BONE_INDEX["RightFoot"]]
    toes = [BONE_INDEX["LeftToes"], BONE_INDEX["RightToes"]]
    ankles = np.median(at[:, feet], axis=0).astype(np.float32)
    ankles[:, 1] = _REST_ANKLE_HEIGHT_M
    ahead = normalize(np.median(at[:, toes] - at[:, feet], axis=0).astype(np.float32))
    return ankles, about_y(yaw_of(ahead))


def _plant(
    rotations: FloatArray, root_position: FloatArray, ankles: FloatArray, foot_turns: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Keep the feet flat on the floor where they are; the hips sink as far as that needs."""
    sink = excess_reach(root_position, rotations[:, 0], ankles).max()
    root_position = root_position - np.array([0, max(0.0, float(sink)), 0], np.float32)
    return plant_feet(rotations, root_position, ankles, foot_turns), root_position
