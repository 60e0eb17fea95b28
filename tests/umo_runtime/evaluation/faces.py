import numpy as np

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.subjects import face_only
from umo_runtime.types import FloatArray

SAMPLES_PER_FRAME = 1600 // 3


def make_face(frames: int, samples: FloatArray | None = None, **channels: object) -> Performance:
    """A face at rest but for the given channels: numbers or [frames]."""
    blendshapes = np.zeros((frames, NUM_BLENDSHAPES), np.float32)
    for name, values in channels.items():
        blendshapes[:, BLENDSHAPE_INDEX[name]] = values
    if samples is None:
        samples = np.zeros(frames * SAMPLES_PER_FRAME, np.float32)
    return face_only(blendshapes, samples)


def make_speech(seconds: float, seed: int = 0) -> FloatArray:
    """Noise whose level rises and falls four times a second."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    level = 0.02 + 0.2 * np.sin(np.pi * 4 * time) ** 2
    return (level * np.random.default_rng(seed).standard_normal(len(time))).astype(np.float32)
