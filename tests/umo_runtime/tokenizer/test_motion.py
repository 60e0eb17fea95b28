import pytest
import torch

from tests.umo_runtime.predictor.tiny_networks import (
    POSE_SPREAD,
    TINY,
    poses_near_rest,
    t_pose,
    tiny_motion,
)
from umo_runtime.config import NUM_REGIONS
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.pose import POSE_DIM, REGION_SLICES

CODES = (NUM_REGIONS, TINY.motion_levels)


@pytest.mark.parametrize("leading", [(), (3,), (2, 5)])
def test_shapes(leading: tuple[int, ...]) -> None:
    motion = tiny_motion()
    codes = motion.encode(t_pose().expand(*leading, POSE_DIM))
    assert codes.shape == (*leading, *CODES)
    assert codes.dtype == torch.int64
    assert motion.embed(codes).shape == (*leading, NUM_REGIONS, TINY.code_dim)
    assert motion(codes).shape == (*leading, POSE_DIM)


def test_decoding_codes_is_decoding_the_quantised_vectors() -> None:
    motion, poses = tiny_motion(), poses_near_rest(6, seed=0)
    vectors = torch.stack([region.vectors for region in motion.quantize(poses)], dim=-2)
    codes = motion.encode(poses)
    torch.testing.assert_close(motion.embed(codes), vectors)
    torch.testing.assert_close(motion(codes), motion.decode_vectors(vectors))
    assert len(codes.unique(dim=0)) > 1


@pytest.mark.parametrize("region", list(Region))
def test_regions_are_coded_apart(region: Region) -> None:
    motion, codes = tiny_motion(), torch.zeros(1, *CODES, dtype=torch.int64)
    changed = codes.clone()
    changed[:, region] = 7
    moved = ((motion(changed) - motion(codes))[0].abs() > 1e-6).nonzero()[:, 0]
    assert set(moved.tolist()) <= set(range(POSE_DIM)[REGION_SLICES[region]])
    assert len(moved) > 0.9 * (REGION_SLICES[region].stop - REGION_SLICES[region].start)

    poses = poses_near_rest(1, seed=1)
    other = poses.clone()
    other[:, REGION_SLICES[region]] += 2.0
    same = (motion.encode(poses) == motion.encode(other)).all(dim=-1)[0]
    assert all(same[other_region] for other_region in Region if other_region != region)


def test_codes_see_normalised_values_and_poses_come_back_in_their_units() -> None:
    motion, poses = tiny_motion(), poses_near_rest(4, seed=2)
    codes, decoded = motion.encode(poses), motion(motion.encode(poses))
    motion.mean.add_(3.0)
    motion.scale.mul_(2.0)
    stretched = (poses - t_pose()) * 2 + t_pose() + 3.0
    assert torch.equal(motion.encode(stretched), codes)
    torch.testing.assert_close(motion(codes), (decoded - t_pose()) * 2 + t_pose() + 3.0)


def test_codebooks_are_told_apart_by_the_decoder() -> None:
    """What the other tests lean on: a wrong code is a visibly wrong pose."""
    motion = tiny_motion()
    codes = torch.zeros(TINY.motion_codes, *CODES, dtype=torch.int64)
    codes[:, :, 0] = torch.arange(TINY.motion_codes)[:, None]
    poses = motion(codes)
    gaps = torch.cdist(poses, poses, compute_mode="donot_use_mm_for_euclid_dist")
    assert (gaps + 1e9 * torch.eye(len(poses))).min() > 0.01 * POSE_SPREAD
