"""Performances as pose vectors, frame by frame (layout: `umo_runtime.tokenizer.pose`)."""

import numpy as np
import numpy.typing as npt
import torch

from umo_runtime.nn.rotation import six_from_quaternion
from umo_runtime.skeleton import REGION_BONES, REST_OFFSETS_M, Region
from umo_runtime.tokenizer.pose import BODY_REGIONS, EXPRESSION_CHANNELS
from umo_runtime.training.corpora.utterance import FacePerformance
from umo_runtime.types import FRAMES_PER_KEYFRAME

FloatArray = npt.NDArray[np.float32]


def pose_track(
    rotations: FloatArray, root_position: FloatArray, face: FacePerformance
) -> FloatArray:
    """Pose vectors [T, P] of a performance.

    Args:
        rotations: [T, 55, 4] xyzw, parent-local.
        root_position: [T, 3] metres.
        face: upper face, gaze and blinks of the same T frames.
    """
    parts: list[FloatArray] = []
    for region in BODY_REGIONS:
        turns = torch.from_numpy(rotations[:, REGION_BONES[region]])
        values = six_from_quaternion(turns).flatten(1).numpy()
        if region == Region.TRUNK:
            values = np.concatenate((values, root_position - REST_OFFSETS_M[0]), axis=1)
        velocities = np.asarray(np.gradient(values, axis=0), np.float32) * FRAMES_PER_KEYFRAME
        parts += [values, velocities]
    parts += [
        face.blendshapes[:, EXPRESSION_CHANNELS],
        face.gaze_rad,
        face.blink_phase[:, None],
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)
