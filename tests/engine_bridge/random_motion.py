"""Short motions without rhyme or reason, for properties that hold for every one."""

import numpy as np
from hypothesis import strategies as st

from umo_runtime.types import MotionFrame

seeds = st.integers(0, 2**32 - 1)


def random_motion(seed: int, num_frames: int, fps: float) -> list[MotionFrame]:
    """Any rotations, any face, hips within a few metres."""
    random = np.random.default_rng(seed)
    rotations = random.normal(size=(num_frames, 55, 4))
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    return [
        MotionFrame(
            "ada",
            index,
            index / fps,
            rotations[index].astype(np.float32),
            random.normal(size=3).astype(np.float32),
            random.uniform(size=52).astype(np.float32),
            0.0,
        )
        for index in range(num_frames)
    ]
