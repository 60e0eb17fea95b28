"""What is lost between keyframes: real motion, thinned out and filled in again.

Errors are means over all frames that are not keyframes: distance of joints in the world (mm) and
angle of parent-local rotations (degrees), eyes and jaw left out.
Sources: K. Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985 (slerp); cubic
Hermite curves on 6D rotations are what the interpolator draws.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from umo_runtime.evaluation.performance import Performance
from umo_runtime.nn.rotation import matrix_from_6d, quaternion_from_matrix, six_from_quaternion
from umo_runtime.skeleton import REGION_BONES, Region, forward_kinematics
from umo_runtime.training.corpora.rotations import slerp
from umo_runtime.types import FloatArray

INTERVALS = (2, 4, 8, 15)  # frames at 30 fps
BODY_BONES = sorted(
    bone for region in (Region.TRUNK, Region.ARMS, Region.HANDS) for bone in REGION_BONES[region]
)

# (rotations [T, 55, 4], root [T, 3], keyframe interval) to the same, filled in.
Filling = Callable[[FloatArray, FloatArray, int], tuple[FloatArray, FloatArray]]


def keyframe_figures(performances: Sequence[Performance], fill: Filling) -> dict[str, float]:
    """Errors by interval n: `keyframes_n_mm` and `keyframes_n_deg`."""
    figures = {}
    for interval in INTERVALS:
        distances, angles = [], []
        for performance in performances:
            rotations, root = _whole(performance, interval)
            between = np.arange(len(root)) % interval != 0
            if not between.any():
                continue
            filled, filled_root = fill(rotations, root, interval)
            distance = joint_distance_mm((filled, filled_root), (rotations, root))
            distances.append(distance[between].ravel())
            angles.append(angle_deg(filled, rotations)[between][:, BODY_BONES].ravel())
        figures[f"keyframes_{interval}_mm"] = float(np.concatenate(distances).mean())
        figures[f"keyframes_{interval}_deg"] = float(np.concatenate(angles).mean())
    return figures


def hold(rotations: FloatArray, root: FloatArray, interval: int) -> tuple[FloatArray, FloatArray]:
    """Stay at the last keyframe: the baseline."""
    at = np.arange(len(root)) // interval * interval
    return rotations[at], root[at]


def spherical(
    rotations: FloatArray, root: FloatArray, interval: int
) -> tuple[FloatArray, FloatArray]:
    """Slerp rotations, move the hips straight."""
    start, end, phase = _segments(len(root), interval)
    turned = slerp(rotations[start], rotations[end], phase[:, None])
    return turned, root[start] * (1 - phase[:, None]) + root[end] * phase[:, None]


def hermite(
    rotations: FloatArray, root: FloatArray, interval: int
) -> tuple[FloatArray, FloatArray]:
    """Cubic curves through 6D rotations and hips with their velocities."""
    six = six_from_quaternion(torch.from_numpy(rotations)).flatten(1).numpy()
    values = np.concatenate((six, root), axis=1)
    velocities = np.asarray(np.gradient(values, axis=0), np.float32) * interval
    start, end, phase = _segments(len(root), interval)
    p = phase[:, None]
    curve = (
        (2 * p**3 - 3 * p**2 + 1) * values[start]
        + (p**3 - 2 * p**2 + p) * velocities[start]
        + (3 * p**2 - 2 * p**3) * values[end]
        + (p**3 - p**2) * velocities[end]
    )
    columns = torch.from_numpy(curve[:, :-3]).reshape(len(curve), -1, 6)
    return quaternion_from_matrix(matrix_from_6d(columns)).numpy(), curve[:, -3:]


FILLINGS: dict[str, Filling] = {"hold": hold, "slerp": spherical, "hermite": hermite}


def joint_distance_mm(
    made: tuple[FloatArray, FloatArray], truth: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Distance of every joint of two motions (rotations, hips), [T, 55]."""
    (a, _), (b, _) = forward_kinematics(*made), forward_kinematics(*truth)
    return np.asarray(1000 * np.linalg.norm(a - b, axis=-1), np.float32)


def angle_deg(made: FloatArray, truth: FloatArray) -> FloatArray:
    """Angle between rotations [..., 4], [...]."""
    apart, together = (np.linalg.norm(made + s * truth, axis=-1) for s in (-1, 1))
    smaller, larger = np.minimum(apart, together), np.maximum(apart, together)
    return np.asarray(np.degrees(4 * np.arctan2(smaller, larger)), np.float32)


def _whole(performance: Performance, interval: int) -> tuple[FloatArray, FloatArray]:
    """Cut a motion to whole intervals."""
    frames = (len(performance.rotations) - 1) // interval * interval + 1
    return performance.rotations[:frames], performance.root_position[:frames]


def _segments(
    frames: int, interval: int
) -> tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.int64], FloatArray]:
    """Keyframe before, keyframe after and place between them of every frame."""
    at = np.arange(frames)
    start = at // interval * interval
    end = np.minimum(start + interval, frames - 1)
    return start, end, ((at - start) / interval).astype(np.float32)
