from dataclasses import replace
from functools import partial

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.vrm_presets import VRM1_PRESETS
from tests.engine_bridge.bridge_frames import make_frame, matrix, turn, utterance
from tests.engine_bridge.gltf_reader import Gltf, recorded
from tests.engine_bridge.random_motion import random_motion, seeds
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, forward_kinematics

record = partial(recorded, ".vrma")


def extension(gltf: Gltf) -> dict:
    assert gltf.json["extensionsUsed"] == ["VRMC_vrm_animation"]
    found: dict = gltf.json["extensions"]["VRMC_vrm_animation"]
    assert found["specVersion"] == "1.0"
    return found


def bone_names(gltf: Gltf) -> dict[str, str]:
    """Names of the nodes by VRM's names of their bones."""
    bones = extension(gltf)["humanoid"]["humanBones"]
    return {name: gltf.json["nodes"][bone["node"]]["name"] for name, bone in bones.items()}


def expression(gltf: Gltf, kind: str, name: str, animation: int) -> np.ndarray:
    node = extension(gltf)["expressions"][kind][name]["node"]
    values = gltf.tracks(animation)[node, "translation"].values
    assert not values[:, 1:].any()
    return values[:, 0]


def our_bone(vrm_name: str) -> int:
    """Which of our bones VRM calls so; it names those of the thumb by anatomy."""
    side, is_thumb, part = vrm_name.partition("Thumb")
    if is_thumb:
        order = {"Metacarpal": "Proximal", "Proximal": "Intermediate", "Distal": "Distal"}
        vrm_name = f"{side}Thumb{order[part]}"
    return BONE_INDEX[vrm_name[0].upper() + vrm_name[1:]]


def test_all_bones_but_the_eyes_bear_the_names_of_the_specification() -> None:
    names = bone_names(record([make_frame()]))
    eyes = {BONE_INDEX["LeftEye"], BONE_INDEX["RightEye"]}
    assert sorted(map(our_bone, names)) == sorted(set(range(55)) - eyes)


@given(seeds, st.integers(1, 4))
def test_poses_are_those_of_the_frames(seed: int, num_frames: int) -> None:
    frames = random_motion(seed, num_frames, 30)
    gltf = record(frames)
    _, *others = (bone["node"] for bone in extension(gltf)["humanoid"]["humanBones"].values())
    for animation in (0, 1):
        paths = {path for (node, path) in gltf.tracks(animation) if node in others}
        assert paths == {"rotation"}  # only the hips may move
    for frame in frames:
        placed = gltf.place(frame.time_s)
        positions, turns = forward_kinematics(frame.rotations, frame.root_position)
        for vrm_name, node in bone_names(gltf).items():
            bone = our_bone(vrm_name)
            np.testing.assert_allclose(placed[node][:3, 3], positions[bone], atol=1e-5)
            np.testing.assert_allclose(placed[node][:3, :3], matrix(turns[bone]), atol=1e-5)


def test_the_first_animation_moves_presets_and_the_second_blendshapes() -> None:
    frames = utterance(20)
    gltf = record(frames)
    kinds = extension(gltf)["expressions"]
    assert list(kinds["preset"]) == list(VRM1_PRESETS)
    assert list(kinds["custom"]) == list(BLENDSHAPES)
    shapes = np.array([frame.blendshapes for frame in frames])
    for index, name in enumerate(BLENDSHAPES):
        np.testing.assert_array_equal(expression(gltf, "custom", name, 1), shapes[:, index])
    for animation, moved, still in ((0, "preset", "custom"), (1, "custom", "preset")):
        nodes = {node for node, _ in gltf.tracks(animation)}
        assert {e["node"] for e in kinds[moved].values()} <= nodes
        assert not {e["node"] for e in kinds[still].values()} & nodes


def test_a_blink_and_an_open_mouth() -> None:
    shut, open_ = make_frame(0), make_frame(1, shapes={"jawOpen": 0.58, "eyeBlinkLeft": 0.75})
    gltf = record([shut, open_])
    assert expression(gltf, "preset", "aa", 0).tolist() == [0, 1]
    assert expression(gltf, "preset", "blinkLeft", 0).tolist() == [0, 0.75]
    assert expression(gltf, "preset", "blinkRight", 0).tolist() == [0, 0]


def test_the_gaze_is_that_of_the_eyes_against_the_head() -> None:
    eyes = dict.fromkeys(("LeftEye", "RightEye"), turn("y", 20))
    gltf = record([make_frame(bones={**eyes, "Head": turn("y", 40)})])
    look = extension(gltf)["lookAt"]
    np.testing.assert_allclose(look["offsetFromHeadBone"], [0, 0.07, 0.08], atol=1e-6)
    rotation = gltf.tracks()[look["node"], "rotation"].at(0)
    np.testing.assert_allclose(matrix(rotation) @ [0, 0, 1], turned_to_its_left(20), atol=1e-6)


def test_eyes_that_squint_look_half_way_whatever_their_signs() -> None:
    frame = make_frame(bones={"LeftEye": turn("y", -10), "RightEye": -turn("y", 30)})
    gltf = record([frame, replace(frame, index=1, time_s=1 / 30)])
    rotation = gltf.tracks()[extension(gltf)["lookAt"]["node"], "rotation"].at(0)
    np.testing.assert_allclose(matrix(rotation) @ [0, 0, 1], turned_to_its_left(10), atol=1e-6)


def turned_to_its_left(degrees: float) -> list[float]:
    return [np.sin(np.radians(degrees)), 0, np.cos(np.radians(degrees))]


def test_an_empty_recording_stands_in_the_t_pose() -> None:
    gltf = record([])
    assert "animations" not in gltf.json
    assert "buffers" not in gltf.json
    assert gltf.place()[bone_names(gltf)["hips"]][1, 3] > 0.9
