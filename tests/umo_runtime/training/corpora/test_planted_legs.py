import numpy as np

from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
)
from umo_runtime.training.corpora.planted_legs import excess_reach, plant_feet
from umo_runtime.training.corpora.rotations import about_y, from_rotation_vector

FEET = [BONE_INDEX["LeftFoot"], BONE_INDEX["RightFoot"]]


def test_feet_stay_while_the_hips_move() -> None:
    time = np.linspace(0, 2 * np.pi, 40, dtype=np.float32)
    sway = np.stack((0.04 * np.sin(time), -0.05 - 0.02 * np.cos(time), 0.03 * np.cos(time)), -1)
    root = (REST_OFFSETS_M[0] + sway).astype(np.float32)
    rotations = np.tile(IDENTITY_ROTATIONS, (40, 1, 1))
    lean = np.stack((0.1 * np.sin(time), 0.2 * np.cos(time), 0 * time), -1).astype(np.float32)
    rotations[:, 0] = from_rotation_vector(lean)
    ankles = np.array([[0.12, 0.08, 0.0], [-0.1, 0.08, -0.05]], np.float32)
    turns = np.stack((about_y(0.3), about_y(-0.2)))
    planted = plant_feet(rotations, root, ankles, turns)
    positions, global_turns = forward_kinematics(planted, root)
    np.testing.assert_allclose(positions[:, FEET], np.tile(ankles, (40, 1, 1)), atol=1e-4)
    np.testing.assert_allclose(np.abs((global_turns[:, FEET] * turns).sum(-1)), 1, atol=1e-5)
    knees = positions[:, [BONE_INDEX["LeftLowerLeg"], BONE_INDEX["RightLowerLeg"]]]
    hips = positions[:, [BONE_INDEX["LeftUpperLeg"], BONE_INDEX["RightUpperLeg"]]]
    assert (knees[..., 2] > (hips[..., 2] + ankles[:, 2]) / 2).all()  # knees bend forward


def test_hips_too_high_must_sink() -> None:
    ankles = np.array([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], np.float32)
    high = (REST_OFFSETS_M[:1] + np.array([[0, 0.05, 0]])).astype(np.float32)
    sink = excess_reach(high, IDENTITY_ROTATIONS[:1], ankles)
    assert 0.04 < sink[0] < 0.07
    low = (REST_OFFSETS_M[:1] - np.array([[0, 0.1, 0]])).astype(np.float32)
    assert excess_reach(low, IDENTITY_ROTATIONS[:1], ankles)[0] == 0
