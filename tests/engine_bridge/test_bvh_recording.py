from dataclasses import replace

import numpy as np
import pytest

from engine_bridge import open_recorder
from tests.engine_bridge.bridge_frames import (
    golden_frame,
    make_frame,
    matrix,
    turn,
    utterance,
)
from tests.engine_bridge.bvh_reader import read_bvh
from umo_runtime.skeleton import BONES, PARENTS, forward_kinematics, rotate


@pytest.fixture
def record(tmp_path):
    def run(frames, fps=30.0):
        path = tmp_path / "take.bvh"
        recorder = open_recorder(path, fps)
        for frame in frames:
            recorder.write(frame)
        recorder.close()
        return read_bvh(path.read_text("ascii"))

    return run


def check_poses(motion, frames, atol=2e-5):
    for index, frame in enumerate(frames):
        positions, turns = forward_kinematics(frame.rotations, frame.root_position)
        placed = motion.place(index)
        for bone, name in enumerate(BONES):
            position, rotation = placed[name]
            np.testing.assert_allclose(position, positions[bone], atol=atol)
            np.testing.assert_allclose(rotation, matrix(turns[bone]), atol=atol)


def test_hierarchy(record):
    motion = record([make_frame()])
    parents = {
        joint.name: motion.joints[joint.parent].name if joint.parent >= 0 else None
        for joint in motion.joints
    }
    assert parents == {
        name: BONES[parent] if parent >= 0 else None
        for name, parent in zip(BONES, PARENTS, strict=True)
    }
    rotations = ["Zrotation", "Xrotation", "Yrotation"]
    assert motion.joints[0].channels == ["Xposition", "Yposition", "Zposition", *rotations]
    assert all(joint.channels == rotations for joint in motion.joints[1:])
    leaves = {joint.name for joint in motion.joints if joint.has_end_site}
    assert leaves == set(BONES) - {BONES[parent] for parent in PARENTS if parent >= 0}


@pytest.mark.parametrize("fps", [30.0, 60.0, 29.97])
def test_frame_time(record, fps):
    assert record([make_frame()], fps).frame_time_s == pytest.approx(1 / fps, abs=1e-8)


def test_forward_kinematics_of_an_utterance(record):
    frames = utterance(60)
    check_poses(record(frames), frames)


def test_forward_kinematics_of_any_rotation(record):
    random = np.random.default_rng(1)
    rotations = random.normal(size=(40, 55, 4))
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    frames = [
        replace(make_frame(i), rotations=r.astype(np.float32)) for i, r in enumerate(rotations)
    ]
    check_poses(record(frames), frames, atol=1e-4)  # hands lie at the end of nine joints


def test_golden_pose_has_its_handedness(record):
    placed = record([golden_frame()]).place(0)
    shoulder, elbow = placed["LeftUpperArm"][0], placed["LeftLowerArm"][0]
    np.testing.assert_allclose(elbow - shoulder, [0, 0.27, 0], atol=1e-5)  # up
    assert placed["LeftUpperArm"][0][0] > placed["RightUpperArm"][0][0]  # its left is +x
    gaze = placed["Head"][1] @ [0, 0, 1]
    np.testing.assert_allclose(gaze, [-0.5, 0, 0.75**0.5], atol=1e-5)  # to its right
    np.testing.assert_allclose(placed["Hips"][0], [0.1, 0.9, 0.2], atol=1e-6)


def test_angles_have_no_jumps_through_the_singularity(record):
    """A leg swings over the head while it twists and opens: x passes a quarter turn and returns."""
    frames = []
    for index in range(121):
        swing = turn("x", -150 * np.sin(np.pi * index / 120))
        outward = turn("z", 20 * np.sin(np.pi * index / 60))
        rotation = rotate_after(outward, swing)
        frames.append(make_frame(index, bones={"LeftUpperLeg": rotation}))
    motion = record(frames)
    check_poses(motion, frames)
    steps_degrees = np.abs(np.diff(motion.rows[:, 3:], axis=0))
    assert steps_degrees.max() < 25


def test_a_full_turn_does_not_wrap(record):
    frames = [make_frame(i, bones={"Hips": turn("y", 6.0 * i)}) for i in range(121)]
    motion = record(frames)
    yaw = motion.rows[:, 5]
    np.testing.assert_allclose(yaw, 6.0 * np.arange(121), atol=1e-3)


def test_exact_quarter_turns(record):
    frames = [make_frame(i, bones={"LeftUpperLeg": turn("x", 90.0 * i)}) for i in range(5)]
    check_poses(record(frames), frames)


def test_an_empty_recording_is_complete(record):
    assert len(record([]).rows) == 0


def rotate_after(outer, inner):
    """Quaternion product by rotating the inner axis; independent of `skeleton.multiply`."""
    w = outer[3] * inner[3] - outer[:3] @ inner[:3]
    axis = outer[3] * inner[:3] + inner[3] * outer[:3] + np.cross(outer[:3], inner[:3])
    product = np.array([*axis, w])
    probe = np.array([0.3, -0.2, 0.9])
    np.testing.assert_allclose(
        rotate(product, probe), rotate(outer, rotate(inner, probe)), atol=1e-9
    )
    return product
