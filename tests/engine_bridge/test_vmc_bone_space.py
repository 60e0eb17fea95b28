"""Poses that a receiver sets on a model's own bones, by forward kinematics in Unity's space."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.vmc_bone_space import BoneSpace, model_space, normalised_space
from engine_bridge.vmc_template import VmcTemplate
from engine_bridge.vrm_model import parse_vrm
from tests.engine_bridge.bridge_frames import golden_frame, make_frame, utterance
from tests.engine_bridge.osc_reader import bones, read_frame
from tests.engine_bridge.vrm_files import (
    OPTIONAL_BONES,
    VrmFile,
    nearest_present,
    turned_in_unity,
)
from umo_runtime.skeleton import BONE_INDEX, BONES, NUM_BONES, REST_OFFSETS_M
from umo_runtime.types import MotionFrame

ALL = range(NUM_BONES)
MISSING = [
    frozenset[str](),
    frozenset({"UpperChest"}),
    frozenset({"Chest", "UpperChest"}),
    frozenset({"Neck", "LeftShoulder", "RightShoulder", "UpperChest"}),
    frozenset({"LeftThumbProximal", "RightIndexIntermediate"}),
    OPTIONAL_BONES,
]


def send(frame: MotionFrame, space: BoneSpace) -> dict[str, tuple[float, ...]]:
    template = VmcTemplate(space)
    template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    return bones(read_frame([bytes(datagram) for datagram in template.datagrams]))


def raw(file: VrmFile) -> BoneSpace:
    return model_space(parse_vrm(file.bytes()), ALL)


def turn_of(transform: np.ndarray) -> np.ndarray:
    return transform[:3, :3] / np.linalg.norm(transform[:3, 0])


def trunk_carrier(name: str, missing: frozenset[str]) -> str:
    """The highest bone of the trunk whose turn a bone makes."""
    chain = ["Spine", "Chest", "UpperChest"]
    for above in chain[chain.index(name) + 1 :] if name in chain else []:
        if above not in missing:
            break
        name = above
    return name


@pytest.mark.parametrize("missing", MISSING, ids=lambda names: f"{len(names)} missing")
@pytest.mark.parametrize("version", [0, 1])
def test_every_bone_points_where_it_does_in_the_normalised_pose(version, missing):
    file = VrmFile(version, missing)
    frame = utterance(3)[-1]
    rest, posed = file.unity_world({}), file.unity_world(send(frame, raw(file)))
    turned = turned_in_unity(frame.rotations)
    for name in file.bone_nodes:
        expected = turned[trunk_carrier(name, missing)]
        np.testing.assert_allclose(turn_of(posed[name]), expected @ turn_of(rest[name]), atol=2e-5)
        if name != "Hips":
            parent = nearest_present(name, missing)
            offset_m = rest[name][:3, 3] - rest[parent][:3, 3]
            expected_m = turned[trunk_carrier(parent, missing)] @ offset_m
            found_m = posed[name][:3, 3] - posed[parent][:3, 3]
            np.testing.assert_allclose(found_m, expected_m, atol=2e-5)


@pytest.mark.parametrize("version", [0, 1])
def test_a_t_pose_leaves_the_model_at_rest(version):
    file = VrmFile(version, frozenset({"UpperChest"}))
    frame = make_frame(hips_m=tuple(REST_OFFSETS_M[BONE_INDEX["Hips"]].tolist()))
    rest, posed = file.unity_world({}), file.unity_world(send(frame, raw(file)))
    for name, transform in rest.items():
        np.testing.assert_allclose(posed[name], transform, atol=1e-5)


@pytest.mark.parametrize("version", [0, 1])
def test_the_hips_move_in_proportion_to_their_height(version):
    file = VrmFile(version, size=1.5)
    posed = file.unity_world(send(make_frame(hips_m=(0.2, 0.5, 0.4)), raw(file)))
    np.testing.assert_allclose(posed["Hips"][:3, 3], [-0.3, 0.75, 0.6], atol=1e-5)


@pytest.mark.parametrize("version", [0, 1])
def test_golden_pose_on_a_model(version):
    """Left arm up, head turned to its right: in Unity left is -x, forward +z."""
    file = VrmFile(version, frozenset({"UpperChest"}))
    rest, posed = file.unity_world({}), file.unity_world(send(golden_frame(), raw(file)))
    assert rest["LeftHand"][0, 3] < -0.5 < 0.5 < rest["RightHand"][0, 3]
    arm = posed["LeftHand"][:3, 3] - posed["LeftUpperArm"][:3, 3]
    np.testing.assert_allclose(arm, [0, 0.52 * file.size, 0], atol=1e-4)
    other = posed["RightHand"][:3, 3] - posed["RightUpperArm"][:3, 3]
    np.testing.assert_allclose(other, [0.52 * file.size, 0, 0], atol=1e-4)
    forward = turn_of(posed["Head"]) @ turn_of(rest["Head"]).T @ [0, 0, 1]
    np.testing.assert_allclose(forward, [0.5, 0, 0.75**0.5], atol=1e-5)


def test_a_model_that_conforms_to_vrm0_gets_normalised_rotations():
    file = VrmFile(0, is_turned=False, size=1.0)
    frame = utterance(3)[-1]
    ours, theirs = send(frame, normalised_space(ALL)), send(frame, raw(file))
    assert list(ours) == list(theirs)
    for name in ours:
        first = 3 if name == "LeftLowerLeg" else 0  # hangs from a node that is no bone
        np.testing.assert_allclose(theirs[name][first:], ours[name][first:], atol=1e-6)


@pytest.mark.parametrize("version", [0, 1])
def test_the_control_rig_of_a_model_has_its_proportions_and_no_axes(version):
    file = VrmFile(version, frozenset({"Neck"}))
    frame = utterance(3)[-1]
    model = parse_vrm(file.bytes())
    sent = send(frame, model_space(model.normalised(), ALL))
    plain = send(frame, normalised_space(ALL))
    for name in set(sent) - {"Head", "Hips"}:
        np.testing.assert_allclose(sent[name][3:], plain[name][3:], atol=1e-6)
        offset_m = file.size * np.array(plain[name][:3])
        np.testing.assert_allclose(sent[name][:3], offset_m, atol=1e-5)
    neck, head = (REST_OFFSETS_M[BONE_INDEX[name]] for name in ("Neck", "Head"))
    np.testing.assert_allclose(sent["Head"][:3], file.size * (neck + head), atol=1e-5)


def test_what_a_model_lacks_or_nobody_wants_is_left_out():
    file = VrmFile(1, OPTIONAL_BONES)
    model = parse_vrm(file.bytes())
    assert [BONES[bone] for bone in model_space(model, ALL).bones] == list(file.bone_nodes)
    assert model_space(model, [BONE_INDEX["Jaw"], BONE_INDEX["Head"]]).bones.tolist() == [
        BONE_INDEX["Head"]
    ]
    nothing = send(make_frame(), model_space(model, [BONE_INDEX["Jaw"], BONE_INDEX["LeftEye"]]))
    assert nothing == {}


@given(st.sets(st.sampled_from(sorted(OPTIONAL_BONES))), st.integers(0, 1), st.integers(1, 9))
def test_head_and_hands_stand_as_meant_whatever_is_missing(missing, version, index):
    file = VrmFile(version, frozenset(missing))
    frame = utterance(10)[index]
    rest, posed = file.unity_world({}), file.unity_world(send(frame, raw(file)))
    turned = turned_in_unity(frame.rotations)
    for name in ("Head", "LeftHand", "RightHand", "LeftFoot"):
        expected = turned[name] @ turn_of(rest[name])
        np.testing.assert_allclose(turn_of(posed[name]), expected, atol=5e-5)
