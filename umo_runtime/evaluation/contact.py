"""Contact where it belongs: feet stand still on the floor, wrists stay out of the torso.

Foot slide: horizontal speed of ankles and balls of the feet, each weighted 2 - 2^(h / 2.5 cm) by
its height h over where it rests in the T-pose (0 for h below, no weight above 2.5 cm); mean over
frames and the four joints, cm/s. A foot that hovers cannot slide, so the mean height of the lower
foot over or under the floor is given with it.
Source: Zhang et al., "Mode-Adaptive Neural Networks for Quadruped Motion Control", SIGGRAPH 2018.

Wrist in torso: the torso is an elliptic column along the spine, from 10 cm under the hips to the
neck, 28 cm wide and 22 cm deep (the skeleton's shoulders are 30 cm apart; adults' chests are 25 to
30 cm wide and 22 to 26 cm deep). A wrist joint inside penetrates, the joint having no thickness:
share of frames in which either does, and the depth, cm, of the deepest.
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.body_space import in_world
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
    rotate,
)
from umo_runtime.types import FloatArray

_FEET = [BONE_INDEX[f"{side}{part}"] for side in ("Left", "Right") for part in ("Foot", "Toes")]
_REST_HEIGHT_M = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])[0][_FEET, 1]
_CONTACT_HEIGHT_M = 0.025
_WRISTS = [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]
_SPINE = ("Hips", "Spine", "Chest", "UpperChest")
_TOP = ("Spine", "Chest", "UpperChest", "Neck")
_BELOW_HIPS_M = 0.10
_HALF_WIDTH_M, _HALF_DEPTH_M = 0.14, 0.11
_CONJUGATE = np.array([-1, -1, -1, 1], np.float32)


def foot_contact(performances: Sequence[Performance]) -> dict[str, float]:
    """Slide and height of the feet, over all frames of all recordings."""
    slides, heights = [], []
    for each in performances:
        feet = in_world(each)[:, _FEET]
        height = feet[..., 1] - _REST_HEIGHT_M
        speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * each.fps
        slides.append(speed * (2 - 2 ** (height[1:] / _CONTACT_HEIGHT_M).clip(0, 1)))
        heights.append(np.abs(height.min(axis=1)))
    return {
        "foot_slide_cm_per_s": 100 * float(np.concatenate(slides).mean(dtype=np.float64)),
        "foot_off_floor_cm": 100 * float(np.concatenate(heights).mean(dtype=np.float64)),
    }


def wrist_penetration(performances: Sequence[Performance]) -> dict[str, float]:
    """How often and how deep wrists are in the torso, over all frames of all recordings."""
    depth = np.concatenate([wrist_depth_m(each) for each in performances]).max(axis=1)
    return {
        "wrist_in_torso_percent": 100 * float((depth > 0).mean()),
        "wrist_in_torso_max_cm": 100 * float(depth.max()),
    }


def wrist_depth_m(performance: Performance) -> FloatArray:
    """How deep the left and the right wrist are in the torso, [T, 2] m; 0 outside."""
    positions, turns = forward_kinematics(performance.rotations, performance.root_position)
    depth = np.zeros((len(positions), len(_WRISTS)), np.float32)
    for bone, top in zip(_SPINE, _TOP, strict=True):
        inverse = (turns[:, BONE_INDEX[bone]] * _CONJUGATE)[:, None]
        local = rotate(inverse, positions[:, _WRISTS] - positions[:, None, BONE_INDEX[bone]])
        floor = -_BELOW_HIPS_M if bone == "Hips" else 0.0
        is_beside = (local[..., 1] >= floor) & (local[..., 1] < REST_OFFSETS_M[BONE_INDEX[top], 1])
        radius = np.hypot(local[..., 0] / _HALF_WIDTH_M, local[..., 2] / _HALF_DEPTH_M)
        way_out = (1 - radius).clip(0) * _HALF_DEPTH_M
        depth = np.maximum(depth, np.where(is_beside, way_out, 0))
    return depth
