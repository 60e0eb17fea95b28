"""Frames and plain rotation algebra for the bridge's tests, independent of the code under test."""

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, NUM_BONES
from umo_runtime.types import MotionFrame

Array = npt.NDArray[np.float64]

FPS = 30
HIPS_M = (0.1, 0.9, 0.2)
AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def turn(axis: str, degrees: float) -> Array:
    """Quaternion xyzw of a right-handed turn about a coordinate axis."""
    half = np.radians(degrees) / 2
    return np.array([*(np.sin(half) * np.array(AXES[axis])), np.cos(half)])


def matrix(rotation: npt.ArrayLike) -> Array:
    """Matrix of a quaternion xyzw; the same formula in a left-handed space."""
    x, y, z, w = np.asarray(rotation, np.float64)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def make_frame(
    index: int = 0,
    *,
    bones: dict[str, Array] | None = None,
    shapes: dict[str, float] | None = None,
    hips_m: tuple[float, float, float] = HIPS_M,
    is_last: bool = False,
) -> MotionFrame:
    rotations = IDENTITY_ROTATIONS.copy()
    for name, rotation in (bones or {}).items():
        rotations[BONE_INDEX[name]] = rotation
    blendshapes = np.zeros(NUM_BLENDSHAPES, np.float32)
    for name, value in (shapes or {}).items():
        blendshapes[BLENDSHAPE_INDEX[name]] = value
    position = np.array(hips_m, np.float32)
    return MotionFrame(
        "ada", index, index / FPS, rotations, position, blendshapes, 0.0, is_last=is_last
    )


def golden_frame() -> MotionFrame:
    """Left arm up, head turned to its right and nodding, left eye shut, left eye looking left."""
    return make_frame(
        bones={
            "LeftUpperArm": turn("z", 90),
            "Head": turn("y", -30),
            "LeftEye": turn("y", 10),
        },
        shapes={"eyeBlinkLeft": 1.0, "jawRight": 0.25, "mouthLeft": 0.5},
    )


def utterance(num_frames: int, seed: int = 0) -> list[MotionFrame]:
    """Smoothly moving frames in which no two bones or blendshapes agree."""
    random = np.random.default_rng(seed)
    speed_hz, phase = random.uniform(0.3, 2, NUM_BONES), random.uniform(0, 6, NUM_BONES)
    axes = random.normal(size=(NUM_BONES, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    face_hz, face_phase = random.uniform(0.5, 4, 52), random.uniform(0, 6, 52)
    frames = []
    for index in range(num_frames):
        time_s = index / FPS
        half = 0.4 * np.sin(2 * np.pi * speed_hz * time_s + phase)
        rotations = np.concatenate((axes * np.sin(half)[:, None], np.cos(half)[:, None]), axis=1)
        shapes = 0.5 + 0.5 * np.sin(2 * np.pi * face_hz * time_s + face_phase)
        position = np.array([0.02 * np.sin(time_s), 0.93, 0.01 * time_s])
        frames.append(
            MotionFrame(
                "ada",
                index,
                time_s,
                rotations.astype(np.float32),
                position.astype(np.float32),
                shapes.astype(np.float32),
                0.0,
                is_last=index == num_frames - 1,
            )
        )
    return frames
