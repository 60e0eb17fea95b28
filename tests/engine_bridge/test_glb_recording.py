from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import open_recorder
from tests.engine_bridge.bridge_frames import golden_frame, make_frame, matrix, turn, utterance
from tests.engine_bridge.gltf_reader import Gltf, recorded
from tests.engine_bridge.random_motion import random_motion, seeds
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES
from umo_runtime.skeleton import (
    BONES,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
)
from umo_runtime.types import MotionFrame

record = partial(recorded, ".glb")


def check_pose(gltf: Gltf, frame: MotionFrame, time_s: float) -> None:
    positions, turns = forward_kinematics(frame.rotations, frame.root_position)
    placed = gltf.place(time_s)
    for bone, name in enumerate(BONES):
        np.testing.assert_allclose(placed[name][:3, 3], positions[bone], atol=1e-5)
        np.testing.assert_allclose(placed[name][:3, :3], matrix(turns[bone]), atol=1e-5)


@given(seeds, st.integers(1, 5), st.sampled_from((24.0, 30.0, 60.0)))
def test_poses_and_faces_are_those_of_the_frames(seed: int, num_frames: int, fps: float) -> None:
    frames = random_motion(seed, num_frames, fps)
    gltf = record(frames, fps)
    weights = gltf.tracks()[gltf.node("Face"), "weights"]
    np.testing.assert_allclose(weights.times, [frame.time_s for frame in frames], atol=1e-6)
    for frame in frames:
        check_pose(gltf, frame, frame.time_s)
    np.testing.assert_array_equal(weights.values, [frame.blendshapes for frame in frames])


def test_rotations_are_smooth_whatever_their_signs() -> None:
    frames = utterance(40)
    flipped = [
        replace(f, rotations=-f.rotations if f.index % 3 == 0 else f.rotations) for f in frames
    ]
    gltf = record(flipped)
    for (_, path), track in gltf.tracks().items():
        if path == "rotation":
            np.testing.assert_allclose(np.linalg.norm(track.values, axis=1), 1, atol=1e-6)
            assert ((track.values[1:] * track.values[:-1]).sum(axis=1) > 0).all()
    between = replace(frames[10], rotations=frames[10].rotations + frames[11].rotations)
    unit = between.rotations / np.linalg.norm(between.rotations, axis=-1, keepdims=True)
    hips = (frames[10].root_position + frames[11].root_position) / 2
    check_pose(gltf, replace(between, rotations=unit, root_position=hips), 10.5 / 30)


def test_what_stands_still_takes_two_keys_and_keeps_its_length() -> None:
    still = record([make_frame(index) for index in range(300)])
    tracks = still.tracks()
    assert {len(track.times) for track in tracks.values()} == {2}
    assert {track.times[-1] for track in tracks.values()} == {np.float32(299 / 30)}
    moving = record([make_frame(i, bones={"Head": turn("y", i / 10)}) for i in range(300)])
    sizes = {
        name: len(t.times)
        for (node, _), t in moving.tracks().items()
        for name in [moving.json["nodes"][node]["name"]]
    }
    assert sizes["Head"] == 300
    assert sizes["Jaw"] == 2


def test_time_always_goes_on() -> None:
    times = [0.0, 1 / 30, 1 / 30, 3 / 30, 0.05, 5 / 30]
    frames = [
        replace(make_frame(i, bones={"Head": turn("y", i)}), time_s=t) for i, t in enumerate(times)
    ]
    gltf = record(frames)
    track = gltf.tracks()[gltf.node("Head"), "rotation"]
    np.testing.assert_allclose(track.times, np.arange(6) / 30, atol=1e-6)


def test_negative_time_starts_at_zero() -> None:
    gltf = record([replace(make_frame(i), time_s=-1.0 + i / 30) for i in range(3)])
    assert gltf.tracks()[0, "translation"].times[0] == 0


def test_an_empty_recording_is_the_figure_at_rest() -> None:
    gltf = record([])
    assert "animations" not in gltf.json
    positions, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    placed = gltf.place()
    for bone, name in enumerate(BONES):
        np.testing.assert_allclose(placed[name][:3, 3], positions[bone], atol=1e-6)


def test_golden_pose_has_its_handedness() -> None:
    placed = record([golden_frame()]).place(0)
    shoulder, elbow = (placed[name][:3, 3] for name in ("LeftUpperArm", "LeftLowerArm"))
    np.testing.assert_allclose(elbow - shoulder, [0, 0.27, 0], atol=1e-5)  # up
    assert shoulder[0] > placed["RightUpperArm"][0, 3]  # its left is +x
    gaze = placed["Head"][:3, :3] @ [0, 0, 1]
    np.testing.assert_allclose(gaze, [-0.5, 0, 0.75**0.5], atol=1e-5)  # to its right


def skinned(gltf: Gltf, name: str, time_s: float) -> np.ndarray:
    """Corners of a mesh as a viewer shows them, [V, 3]: morphs first, then the skin."""
    node = gltf.json["nodes"][gltf.node(name)]
    mesh, skin = gltf.json["meshes"][node["mesh"]], gltf.json["skins"][node["skin"]]
    (primitive,) = mesh["primitives"]
    at = primitive["attributes"]
    corners = gltf.accessor(at["POSITION"])
    if "targets" in primitive:
        weights = gltf.tracks()[gltf.node(name), "weights"].at(time_s)
        for weight, target in zip(weights, primitive["targets"], strict=True):
            corners = corners + weight * gltf.accessor(target["POSITION"])
    placed = gltf.place(time_s)
    inverse = gltf.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    bones = [
        placed[gltf.json["nodes"][joint]["name"]] @ back
        for joint, back in zip(skin["joints"], inverse, strict=True)
    ]
    joints = gltf.accessor(at["JOINTS_0"]).astype(int)
    weights = gltf.accessor(at["WEIGHTS_0"]) / 255
    np.testing.assert_array_equal(weights.sum(axis=1), 1)
    moved = np.einsum("vk,vkij->vij", weights, np.array(bones)[joints])
    shown: np.ndarray = np.einsum(
        "vij,vj->vi", moved, np.pad(corners, ((0, 0), (0, 1)), constant_values=1)
    )
    return shown[:, :3]


def test_the_figure_stands_on_the_floor_with_its_face_in_front() -> None:
    still = make_frame(hips_m=tuple(REST_OFFSETS_M[0].tolist()))
    gltf = record([still])
    body, face = skinned(gltf, "Body", 0), skinned(gltf, "Face", 0)
    assert abs(body[:, 1].min()) < 0.005
    assert 1.6 < body[:, 1].max() < 1.75
    assert face[:, 2].min() > 0.05
    turned = make_frame(bones={"Hips": turn("y", 90)}, hips_m=tuple(REST_OFFSETS_M[0].tolist()))
    face = skinned(record([turned]), "Face", 0)
    assert face[:, 0].min() > 0.05  # a turn to its left faces +x


def test_the_mouth_opens_and_the_left_eye_shuts() -> None:
    frames = [make_frame(0), make_frame(1, shapes={"jawOpen": 1.0, "eyeBlinkLeft": 1.0})]
    gltf = record(frames)
    moved = skinned(gltf, "Face", 1 / 30) - skinned(gltf, "Face", 0)
    rest = skinned(gltf, "Face", 0)
    is_left = rest[:, 0] > rest[:, 0].mean()
    eyes = rest[:, 1] > rest[:, 1].mean() + 0.02
    assert moved[~eyes, 1].min() < -0.02
    assert moved[eyes & is_left, 1].min() < -0.015
    assert np.abs(moved[eyes & ~is_left]).max() < 1e-9


@pytest.fixture(scope="module")
def figure() -> Gltf:
    return record([])


def test_every_blendshape_has_a_morph_that_shows(figure: Gltf) -> None:
    mesh = figure.json["meshes"][1]
    assert mesh["extras"]["targetNames"] == list(BLENDSHAPES)
    morphs = [figure.accessor(t["POSITION"]) for t in mesh["primitives"][0]["targets"]]
    for name, morph in zip(BLENDSHAPES, morphs, strict=True):
        assert np.abs(morph).max() > 0.001, name
    for name in BLENDSHAPES:
        if name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
            left = morphs[BLENDSHAPE_INDEX[name]]
            right = morphs[BLENDSHAPE_INDEX[name.replace("Left", "Right")]]
            half = len(left) // 2
            np.testing.assert_allclose(right[half:], left[:half] * [-1, 1, 1], atol=1e-9)


def test_blocks_are_seen_from_outside(figure: Gltf) -> None:
    (primitive,) = figure.json["meshes"][0]["primitives"]
    corners = figure.accessor(primitive["attributes"]["POSITION"])
    triangles = figure.accessor(primitive["indices"]).astype(int).reshape(-1, 12, 3)
    for block in triangles:
        a, b, c = corners[block].transpose(1, 0, 2)
        centre = corners[np.unique(block)].mean(axis=0)
        outward = np.einsum("ij,ij->i", np.cross(b - a, c - a), (a + b + c) / 3 - centre)
        assert (outward > 0).all()


def test_the_face_is_seen_from_the_front(figure: Gltf) -> None:
    (primitive,) = figure.json["meshes"][1]["primitives"]
    corners = figure.accessor(primitive["attributes"]["POSITION"])
    a, b, c = corners[figure.accessor(primitive["indices"]).astype(int).reshape(-1, 3)].transpose(
        1, 0, 2
    )
    area = np.cross(b - a, c - a)
    assert (area[np.linalg.norm(area, axis=1) > 1e-9][:, 2] > -1e-9).all()


def test_the_file_is_small(tmp_path: Path) -> None:
    open_recorder(tmp_path / "take.glb", 30).close()
    assert (tmp_path / "take.glb").stat().st_size < 130_000
