import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.interpolator.feet import _MAX_STEP_M, _MAX_TURN_RAD, Anchors, Feet
from umo_runtime.nn.rotation import conjugate, multiply
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    NUM_BONES,
    REST_OFFSETS_M,
    forward_kinematics,
)

ANKLES, KNEES, HIPS = (
    [BONE_INDEX[f"{side}{part}"] for side in ("Left", "Right")]
    for part in ("Foot", "LowerLeg", "UpperLeg")
)
LEG_BONES = {*ANKLES, *KNEES, *HIPS}
FRAMES = 90


@dataclass(frozen=True)
class Pose:
    """One frame: local rotations [1, 55, 4] and the hips [1, 3]."""

    rotations: Tensor
    hips: Tensor


@dataclass(frozen=True)
class Planted:
    """A solved sequence: positions [T, 55, 3] and global rotations [T, 55, 4] of all bones."""

    positions: np.ndarray
    rotations: np.ndarray
    local: Tensor
    anchors: Tensor


def _about_x(angle_rad: float) -> Tensor:
    return torch.tensor([math.sin(angle_rad / 2), 0.0, 0.0, math.cos(angle_rad / 2)])


def _crouch(depth_rad: float = 0.3, hips_m: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Pose:
    """Thighs forward, shins back: feet below the hips, knees in front."""
    rotations = torch.from_numpy(IDENTITY_ROTATIONS.copy())
    rotations[HIPS], rotations[KNEES] = _about_x(-depth_rad), _about_x(2 * depth_rad)
    rotations[ANKLES] = _about_x(-depth_rad)
    hips = torch.from_numpy(REST_OFFSETS_M[0]) + torch.tensor(hips_m)
    return Pose(rotations[None], hips[None])


def _sway(frame: int) -> Pose:
    """Hips that wander by centimetres, with a grain as decoded tokens have."""
    grain = torch.randn(3, generator=torch.Generator().manual_seed(frame)) * 0.003
    slow = torch.tensor([0.04 * math.sin(frame / 9), -0.03, 0.02 * math.cos(frame / 13)])
    pose = _crouch(0.3 + 0.05 * math.sin(frame / 11))
    return Pose(pose.rotations, pose.hips + slow + grain)


def _plant(poses: list[Pose]) -> Planted:
    feet, fresh = Feet(), torch.ones(1, 1)
    anchors = Anchors(torch.full((1, 2, 3), 9.0), torch.zeros(1, 2, 4))  # rubbish: it is fresh
    solved, placed = [], []
    for pose in poses:
        rotations, anchors = feet(pose.rotations, pose.hips, anchors, fresh)
        fresh = torch.zeros(1, 1)
        solved.append(rotations)
        placed.append(anchors.positions)
    local, hips = torch.cat(solved), torch.cat([pose.hips for pose in poses])
    return Planted(*forward_kinematics(local.numpy(), hips.numpy()), local, torch.cat(placed))


def _ankles(pose: Pose) -> np.ndarray:
    return forward_kinematics(pose.rotations.numpy(), pose.hips.numpy())[0][0, ANKLES]


def test_ankles_stand_while_the_hips_sway() -> None:
    poses = [_sway(frame) for frame in range(FRAMES)]
    ankles = _plant(poses).positions[:, ANKLES]
    steps = np.linalg.norm(np.diff(ankles, axis=0), axis=-1)
    assert steps.max() <= _MAX_STEP_M + 2e-6
    decoded = np.stack([_ankles(pose) for pose in poses])
    assert np.linalg.norm(np.diff(decoded, axis=0), axis=-1).max() > 10 * _MAX_STEP_M


def test_ankles_are_where_the_anchors_are() -> None:
    planted = _plant([_sway(frame) for frame in range(FRAMES)])
    np.testing.assert_allclose(planted.positions[:, ANKLES], planted.anchors, atol=5e-6)


def test_soles_turn_slowly() -> None:
    turns = torch.from_numpy(_plant([_sway(frame) for frame in range(FRAMES)]).rotations)[:, ANKLES]
    relative = multiply(conjugate(turns[:-1].double()), turns[1:].double())
    angle = 2 * torch.atan2(relative[..., :3].norm(dim=-1), relative[..., 3].abs())
    assert angle.max() <= _MAX_TURN_RAD + 1e-5


def test_knees_bend_forward_and_legs_keep_their_length() -> None:
    positions = _plant([_sway(frame) for frame in range(FRAMES)]).positions
    hip, knee, ankle = (positions[:, bones] for bones in (HIPS, KNEES, ANKLES))
    thigh, shin = (np.linalg.norm(part, axis=-1) for part in (knee - hip, ankle - knee))
    np.testing.assert_allclose(thigh, np.hypot(0.41, 0.005), rtol=1e-5)
    np.testing.assert_allclose(shin, np.hypot(0.40, 0.02), rtol=1e-5)
    share = thigh / (thigh + shin)
    straight = hip + (ankle - hip) * share[..., None]
    assert (knee - straight)[..., 2].min() > 0.02


@pytest.mark.parametrize("depth_m", [0.0, 0.05, 0.2, 0.4])
def test_straight_legs_bend_forward_when_the_hips_come_down(depth_m: float) -> None:
    """Straight legs give no hint which way to bend."""
    standing = Pose(
        torch.from_numpy(IDENTITY_ROTATIONS.copy())[None], torch.from_numpy(REST_OFFSETS_M[:1])
    )
    lowered = Pose(standing.rotations, standing.hips - torch.tensor([0.0, depth_m, 0.0]))
    positions = _plant([standing, lowered]).positions[1]
    assert (positions[KNEES, 2] - positions[HIPS, 2]).min() > depth_m / 4
    travelled = np.linalg.norm(positions[ANKLES] - _ankles(standing), axis=-1)
    assert travelled.max() <= _MAX_STEP_M + 1e-3  # a locked knee is eased: 0.1 % of the leg


def test_a_stream_starts_where_its_feet_are() -> None:
    pose = _crouch(0.4, (0.3, -0.1, 0.2))
    planted = _plant([pose])
    np.testing.assert_allclose(planted.positions[0, ANKLES], _ankles(pose), atol=2e-6)
    turned = (planted.local * pose.rotations).sum(dim=-1).abs()  # 1 where rotations are the same
    torch.testing.assert_close(turned[0], torch.ones(NUM_BONES), atol=1e-5, rtol=0)


def test_only_the_legs_are_changed() -> None:
    poses = [_sway(frame) for frame in range(5)]
    local = _plant(poses).local
    others = [bone for bone in range(NUM_BONES) if bone not in LEG_BONES]
    assert torch.equal(local[:, others], torch.cat([pose.rotations for pose in poses])[:, others])


def test_a_foot_out_of_reach_is_let_go_without_breaking_the_leg() -> None:
    poses = [_crouch(), _crouch(0.3, (0.0, 0.8, 0.0))]
    planted = _plant(poses)
    assert planted.local.isfinite().all()
    reach = np.linalg.norm(planted.positions[1, ANKLES] - planted.positions[1, HIPS], axis=-1)
    leg = np.hypot(0.41, 0.005) + np.hypot(0.40, 0.02)
    np.testing.assert_allclose(reach, 0.999 * leg, rtol=1e-5)


@given(st.integers(0, 2**31))
def test_any_pose_gives_unit_rotations(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    rotations = torch.nn.functional.normalize(
        torch.randn(4, NUM_BONES, 4, generator=generator), dim=-1
    )
    anchors = Anchors(torch.randn(4, 2, 3, generator=generator), rotations[:, :2])
    fresh = torch.tensor([[0.0], [0.0], [0.0], [1.0]])
    hips = torch.randn(4, 3, generator=generator)
    solved, after = Feet()(rotations, hips, anchors, fresh)
    torch.testing.assert_close(solved.norm(dim=-1), torch.ones(4, NUM_BONES), atol=1e-5, rtol=0)
    assert after.positions.isfinite().all()
    alone, _ = Feet()(
        rotations[:1], hips[:1], Anchors(anchors.positions[:1], anchors.rotations[:1]), fresh[:1]
    )
    torch.testing.assert_close(solved[:1], alone)
