"""Bodies whose figures are known."""

import numpy as np

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, REST_OFFSETS_M
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.types import FloatArray

Turns = dict[str, FloatArray]  # rotation vectors [T, 3] by bone


def body(frames: int, turns: Turns | None = None, samples: FloatArray | None = None) -> Performance:
    """A T-pose with some bones turned, 30 fps."""
    rotations = np.tile(IDENTITY_ROTATIONS, (frames, 1, 1))
    for bone, vectors in (turns or {}).items():
        rotations[:, BONE_INDEX[bone]] = from_rotation_vector(np.asarray(vectors, np.float32))
    return Performance(
        30.0,
        rotations,
        np.tile(REST_OFFSETS_M[0], (frames, 1)),
        np.zeros((frames, NUM_BLENDSHAPES), np.float32),
        np.zeros(0, np.float32) if samples is None else samples,
    )


def about(axis: str, angle_rad: FloatArray) -> FloatArray:
    """Rotation vectors [T, 3] about x, y or z."""
    return np.outer(angle_rad, np.eye(3)["xyz".index(axis)]).astype(np.float32)


def restless(frames: int, seed: int) -> Performance:
    """Arms and spine that wander smoothly."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None] / 30
    turns = {
        bone: 0.4 * np.sin(rng.uniform(1, 6, 3) * time + rng.uniform(0, 6, 3))
        for bone in ("Chest", "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm")
    }
    return body(frames, turns)
