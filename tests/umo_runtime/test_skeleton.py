import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from umo_runtime.skeleton import (
    BONE_INDEX,
    BONES,
    IDENTITY_ROTATIONS,
    NUM_BONES,
    PARENTS,
    REGION_BONES,
    REST_OFFSETS_M,
    UPPER_BODY_BONES,
    FloatArray,
    Region,
    forward_kinematics,
    multiply,
    rotate,
)

FOREARM_AHEAD = np.array([0, 0, 0.25], np.float32)
UPPER_ARM_DOWN = np.array([0, -0.27, 0], np.float32)

seeds = st.integers(0, 2**32 - 1)


def random_rotations(seed: int, *shape: int) -> FloatArray:
    values = np.random.default_rng(seed).normal(size=(*shape, 4))
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def turned(**angles_deg: tuple[float, float, float]) -> FloatArray:
    """The T-pose with some bones turned by rotation vectors in degrees."""
    rotations = IDENTITY_ROTATIONS.copy()
    for bone, vector in angles_deg.items():
        rotations[BONE_INDEX[bone]] = Rotation.from_rotvec(vector, degrees=True).as_quat()
    return rotations


def place(rotations: FloatArray, bone: str) -> FloatArray:
    return forward_kinematics(rotations, REST_OFFSETS_M[0])[0][..., BONE_INDEX[bone], :]


def test_55_different_bones_under_one_root() -> None:
    assert NUM_BONES == len(set(BONES)) == 55
    assert BONES[0] == "Hips"
    assert PARENTS.count(-1) == 1


def test_parents_come_before_their_children() -> None:
    assert PARENTS[0] == -1
    assert all(parent < bone for bone, parent in enumerate(PARENTS))
    assert BONES[PARENTS[BONE_INDEX["RightThumbDistal"]]] == "RightThumbIntermediate"


def test_regions_share_the_bones_out_in_order() -> None:
    in_order = [bone for region in Region for bone in REGION_BONES[region]]
    assert in_order == list(range(NUM_BONES))
    assert [len(REGION_BONES[region]) for region in Region] == [14, 8, 30, 3]


def test_the_upper_body_is_the_spine_with_the_head_and_the_arms() -> None:
    assert [BONES[bone] for bone in UPPER_BODY_BONES[:5]] == (
        ["Spine", "Chest", "UpperChest", "Neck", "Head"]
    )
    assert UPPER_BODY_BONES[5:] == REGION_BONES[Region.ARMS]
    assert not {"Hips", "LeftUpperLeg", "Jaw"} & {BONES[bone] for bone in UPPER_BODY_BONES}
    assert list(UPPER_BODY_BONES) == list(range(UPPER_BODY_BONES[0], UPPER_BODY_BONES[-1] + 1))


@pytest.mark.parametrize("bone", [name for name in BONES if name.startswith("Left")])
def test_the_right_side_mirrors_the_left(bone: str) -> None:
    left, right = BONE_INDEX[bone], BONE_INDEX[bone.replace("Left", "Right")]
    np.testing.assert_array_equal(REST_OFFSETS_M[right], REST_OFFSETS_M[left] * [-1, 1, 1])
    parents = [BONES[PARENTS[index]] for index in (left, right)]
    assert parents[1] == parents[0].replace("Left", "Right")


def test_the_middle_has_no_sideways_offset() -> None:
    middle = [i for i, name in enumerate(BONES) if not name.startswith(("Left", "Right"))]
    assert not REST_OFFSETS_M[middle, 0].any()


@given(seed=seeds)
def test_quaternion_products_agree_with_scipy(seed: int) -> None:
    a, b = random_rotations(seed, 2, 5)
    expected = Rotation.from_quat(a) * Rotation.from_quat(b)
    product = Rotation.from_quat(multiply(a, b))
    assert (product.inv() * expected).magnitude().max() < 1e-5


@given(seed=seeds)
def test_turned_vectors_agree_with_scipy(seed: int) -> None:
    turns = random_rotations(seed, 5)
    vectors = np.random.default_rng(seed).uniform(-1, 1, (5, 3)).astype(np.float32)
    expected = Rotation.from_quat(turns).apply(vectors)
    np.testing.assert_allclose(rotate(turns, vectors), expected, atol=2e-6)


def test_the_t_pose_stands_on_the_floor_arms_out() -> None:
    positions, turns = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    np.testing.assert_array_equal(turns, IDENTITY_ROTATIONS)
    at = {name: positions[index] for name, index in BONE_INDEX.items()}
    assert 0 <= at["LeftToes"][1] < 0.03
    assert at["LeftToes"][2] > at["LeftFoot"][2]  # faces +z
    assert at["LeftHand"][0] > 0.6
    assert at["LeftHand"][1] == pytest.approx(at["LeftUpperArm"][1])
    assert 1.5 < at["LeftEye"][1] < 1.7


def test_a_bent_arm_points_where_it_should() -> None:
    elbow = place(IDENTITY_ROTATIONS, "LeftLowerArm")
    forward = turned(LeftLowerArm=(0, -90, 0))  # about +y, from +x to +z
    np.testing.assert_allclose(place(forward, "LeftLowerArm"), elbow, atol=1e-6)
    np.testing.assert_allclose(place(forward, "LeftHand"), elbow + FOREARM_AHEAD, atol=1e-6)


def test_turns_add_up_along_the_arm() -> None:
    shoulder = place(IDENTITY_ROTATIONS, "LeftUpperArm")
    # The upper arm hangs; the forearm bends about the parent's own, now downward, frame.
    hanging = turned(LeftUpperArm=(0, 0, -90), LeftLowerArm=(0, -90, 0))
    elbow = shoulder + UPPER_ARM_DOWN
    np.testing.assert_allclose(place(hanging, "LeftLowerArm"), elbow, atol=1e-6)
    np.testing.assert_allclose(place(hanging, "LeftHand"), elbow + FOREARM_AHEAD, atol=1e-6)
    np.testing.assert_array_equal(
        place(hanging, "RightHand"), place(IDENTITY_ROTATIONS, "RightHand")
    )


@given(seed=seeds)
def test_bones_keep_their_length(seed: int) -> None:
    root = np.random.default_rng(seed).uniform(-1, 1, (3, 3)).astype(np.float32)
    positions, _ = forward_kinematics(random_rotations(seed, 3, NUM_BONES), root)
    lengths = np.linalg.norm(positions[:, 1:] - positions[:, PARENTS[1:]], axis=-1)
    expected = np.broadcast_to(np.linalg.norm(REST_OFFSETS_M[1:], axis=-1), lengths.shape)
    np.testing.assert_allclose(lengths, expected, atol=1e-5)


@given(seed=seeds)
def test_many_frames_at_once_are_each_frame_alone(seed: int) -> None:
    rotations = random_rotations(seed, 2, 2, NUM_BONES)
    roots = np.random.default_rng(seed).uniform(-1, 1, (2, 2, 3)).astype(np.float32)
    positions, turns = forward_kinematics(rotations, roots)
    for place_ in np.ndindex(2, 2):
        alone = forward_kinematics(rotations[place_], roots[place_])
        np.testing.assert_allclose(positions[place_], alone[0], atol=1e-6)
        np.testing.assert_allclose(turns[place_], alone[1], atol=1e-6)


@given(seed=seeds)
def test_turning_the_hips_turns_the_whole_body(seed: int) -> None:
    rotations = random_rotations(seed, NUM_BONES)
    turn = random_rotations(seed + 1)
    origin = np.zeros(3, np.float32)
    before, _ = forward_kinematics(rotations, origin)
    rotations[0] = multiply(turn, rotations[0])
    after, _ = forward_kinematics(rotations, origin)
    np.testing.assert_allclose(after, rotate(turn[None], before), atol=1e-5)
