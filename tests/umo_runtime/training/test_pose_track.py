import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.interpolator.body import body_values
from umo_runtime.nn.rotation import matrix_from_6d, quaternion_from_matrix
from umo_runtime.skeleton import NUM_BONES, REGION_BONES, REST_OFFSETS_M, FloatArray, Region
from umo_runtime.tokenizer.pose import (
    BODY_REGIONS,
    EXPRESSION_CHANNELS,
    NUM_EXPRESSIONS,
    POSE_DIM,
    REGION_SLICES,
)
from umo_runtime.training.corpora.utterance import FacePerformance
from umo_runtime.training.pose_track import pose_track

FRAMES = 9
seeds = st.integers(0, 2**32 - 1)


def random_track(seed: int) -> tuple[FloatArray, FloatArray, FacePerformance]:
    chance = np.random.default_rng(seed)
    rotations = chance.normal(size=(FRAMES, NUM_BONES, 4))
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    face = FacePerformance(
        chance.uniform(size=(FRAMES, NUM_BLENDSHAPES)).astype(np.float32),
        chance.uniform(size=FRAMES).astype(np.float32),
        chance.normal(size=(FRAMES, 2)).astype(np.float32),
    )
    root = REST_OFFSETS_M[0] + chance.normal(0, 0.1, (FRAMES, 3))
    return rotations.astype(np.float32), root.astype(np.float32), face


def values_of(pose: FloatArray, region: Region) -> FloatArray:
    values: FloatArray = np.split(pose[:, REGION_SLICES[region]], 2, axis=1)[0]
    return values


@given(seed=seeds)
def test_rotations_come_back_from_their_region(seed: int) -> None:
    rotations, root, face = random_track(seed)
    pose = pose_track(rotations, root, face)
    assert pose.shape == (FRAMES, POSE_DIM)
    assert pose.dtype == np.float32
    for region in BODY_REGIONS:
        bones = list(REGION_BONES[region])
        six = values_of(pose, region)[:, : 6 * len(bones)].reshape(FRAMES, len(bones), 6)
        back = quaternion_from_matrix(matrix_from_6d(torch.from_numpy(six))).numpy()
        agreement = np.abs((back * rotations[:, bones]).sum(axis=-1))
        np.testing.assert_allclose(agreement, 1.0, atol=1e-5)


@given(seed=seeds)
def test_the_hips_follow_the_trunk_as_displacement_from_rest(seed: int) -> None:
    rotations, root, face = random_track(seed)
    values = values_of(pose_track(rotations, root, face), Region.TRUNK)
    np.testing.assert_allclose(values[:, -3:] + REST_OFFSETS_M[0], root, atol=1e-6)


@given(seed=seeds)
def test_velocities_are_central_differences_over_a_keyframe_interval(seed: int) -> None:
    pose = torch.from_numpy(pose_track(*random_track(seed)))
    values, velocities = body_values(pose)
    central = (values[2:] - values[:-2]) / 2
    torch.testing.assert_close(velocities[1:-1], 4 * central, atol=1e-5, rtol=0)
    torch.testing.assert_close(velocities[0], 4 * (values[1] - values[0]), atol=1e-5, rtol=0)
    torch.testing.assert_close(velocities[-1], 4 * (values[-1] - values[-2]), atol=1e-5, rtol=0)


def test_at_steady_speed_a_velocity_leads_to_the_next_keyframe() -> None:
    rotations, root, face = random_track(0)
    speed = np.array([0.01, 0, -0.02], np.float32)
    steady = root[0] + np.arange(FRAMES, dtype=np.float32)[:, None] * speed
    values, velocities = body_values(
        torch.from_numpy(pose_track(np.repeat(rotations[:1], FRAMES, 0), steady, face))
    )
    torch.testing.assert_close(values[:-4] + velocities[:-4], values[4:], atol=1e-5, rtol=0)


@given(seed=seeds)
def test_the_face_is_expressions_then_gaze_then_blink(seed: int) -> None:
    rotations, root, face = random_track(seed)
    part = pose_track(rotations, root, face)[:, REGION_SLICES[Region.FACE]]
    expressions = face.blendshapes[:, EXPRESSION_CHANNELS]
    np.testing.assert_array_equal(part[:, :NUM_EXPRESSIONS], expressions)
    np.testing.assert_array_equal(part[:, NUM_EXPRESSIONS:-1], face.gaze_rad)
    np.testing.assert_array_equal(part[:, -1], face.blink_phase)


def test_regions_fill_the_pose_vector_without_gaps() -> None:
    stops = [REGION_SLICES[region].stop for region in Region]
    starts = [REGION_SLICES[region].start for region in Region]
    assert starts == [0, *stops[:-1]]
    assert stops[-1] == POSE_DIM
    assert POSE_DIM == 2 * (14 * 6 + 3 + 8 * 6 + 30 * 6) + 16
