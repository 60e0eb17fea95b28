from pathlib import Path

import numpy as np
import pytest

from tests.umo_runtime.training.corpora.smartbody_files import (
    ARM_DROP_RAD,
    jt_joints,
    write_motion,
    write_skeleton,
)
from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    FloatArray,
    forward_kinematics,
)
from umo_runtime.training.corpora.rotations import from_rotation_vector, normalize
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody, split_name
from umo_runtime.training.corpora.smartbody_humanoid import to_humanoid
from umo_runtime.training.corpora.smartbody_sk import read_skeleton
from umo_runtime.training.corpora.smartbody_skm import read_motion
from umo_runtime.training.corpora.utterance import MotionClip

PHASES = """
ready time: 0.1
strokeStart time: 0.2
emphasis time: 0.3
stroke time: 0.4
relax time: 0.5
"""
T_POSE = {
    "LeftUpperArm": np.array([0, 0, ARM_DROP_RAD], np.float32),
    "RightUpperArm": np.array([0, 0, -ARM_DROP_RAD], np.float32),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_skeleton(tmp_path / "ChrTest.sk")
    return tmp_path


def read_one(folder: Path, vectors: dict[str, FloatArray], **options: object) -> MotionClip:
    write_motion(folder / "ChrTest@Idle01_BeatLowLf01.skm", vectors, **options)  # type: ignore[arg-type]
    (clip,) = read_smartbody(folder)
    return clip


def bone(clip: MotionClip, name: str) -> FloatArray:
    return clip.rotations[0, BONE_INDEX[name]]


def test_raising_the_arms_to_the_t_pose_is_the_identity(folder: Path) -> None:
    clip = read_one(folder, T_POSE)
    np.testing.assert_allclose(clip.rotations, np.tile(IDENTITY_ROTATIONS, (12, 1, 1)), atol=1e-5)
    np.testing.assert_allclose(clip.root_position[0], REST_OFFSETS_M[0], atol=1e-5)


def test_the_rest_pose_hangs_the_arms(folder: Path) -> None:
    clip = read_one(folder, {})
    drop = from_rotation_vector(np.array([[0, 0, -ARM_DROP_RAD]], np.float32))[0]
    np.testing.assert_allclose(bone(clip, "LeftUpperArm"), drop, atol=1e-5)
    np.testing.assert_allclose(bone(clip, "LeftHand"), IDENTITY_ROTATIONS[0], atol=1e-5)
    np.testing.assert_allclose(bone(clip, "LeftIndexDistal"), IDENTITY_ROTATIONS[0], atol=1e-5)


def test_half_of_a_forearm_twist_is_the_lower_arms(folder: Path) -> None:
    clip = read_one(folder, T_POSE | {"LeftForearmTwist": np.array([0.8, 0, 0], np.float32)})
    half = from_rotation_vector(np.array([[0.4, 0, 0]], np.float32))[0]
    np.testing.assert_allclose(bone(clip, "LeftLowerArm"), half, atol=1e-5)
    np.testing.assert_allclose(bone(clip, "LeftHand"), half, atol=1e-5)


def test_a_turned_clip_faces_forward(folder: Path) -> None:
    clip = read_one(folder, T_POSE | {"Hips": np.array([0, 1.2, 0], np.float32)})
    np.testing.assert_allclose(bone(clip, "Hips"), IDENTITY_ROTATIONS[0], atol=1e-5)


def test_motions_are_resampled_to_30_fps(folder: Path) -> None:
    turns = np.linspace(0, 1, 25, dtype=np.float32)[:, None] * np.array([0, 0.5, 0], np.float32)
    clip = read_one(folder, T_POSE | {"Head": turns}, num_frames=25, rate_hz=60.0)
    assert len(clip.rotations) == 13
    expected = from_rotation_vector(turns[::2])
    np.testing.assert_allclose(clip.rotations[:, BONE_INDEX["Head"]], expected, atol=1e-4)


@pytest.mark.parametrize(
    ("phases", "kept"),
    [
        (PHASES, True),
        ("", False),
        (PHASES.replace("relax time: 0.5", "relax time: 9"), False),
        (PHASES.replace("emphasis time: 0.3", "emphasis time: 0.9"), False),
        (PHASES.replace("0.", "0.0"), False),
    ],
    ids=["real", "none", "beyond the end", "out of order", "placeholder"],
)
def test_phases_are_kept_when_they_mean_something(folder: Path, phases: str, kept: bool) -> None:
    clip = read_one(folder, {}, num_frames=24, phases=phases)
    assert bool(clip.phases) == kept


def test_one_of_several_re_exports_is_read(folder: Path) -> None:
    for stem in ("ChrTest@Wave01", "ChrOther_ChrTest@Wave01", "ChrElse@Wave01"):
        write_motion(folder / f"{stem}.skm", {})
    (folder / "face").mkdir()
    write_motion(folder / "face" / "ChrTest@viseme.skm", {})
    clips = list(read_smartbody(folder))
    assert {(clip.character, clip.name) for clip in clips} == {
        ("ChrTest", "Wave01"),
        ("ChrElse", "Wave01"),
    }


def test_clips_for_unknown_skeletons_are_passed_over(folder: Path) -> None:
    write_motion(folder / "ChrTest@Wave01.skm", {})
    text = (folder / "ChrTest@Wave01.skm").read_text().replace("Jt", "Zz")
    (folder / "ChrAlien@Wave01.skm").write_text(text)
    assert [clip.character for clip in read_smartbody(folder)] == ["ChrTest"]


def test_names_are_split_into_character_and_base() -> None:
    assert split_name("ChrBrad@Idle01") == ("ChrBrad", "Idle01")
    assert split_name("ChrRachel_ChrBrad@Idle01") == ("ChrBrad", "Idle01")
    assert split_name("ChrMarine02@Run01") == ("ChrMarine", "Run01")
    assert split_name("ChrUtah_Walk001") == ("ChrUtah", "Walk001")
    assert split_name("HandsAtSide_Motex") == ("unnamed", "HandsAtSide_Motex")


def test_about_a_tenth_of_all_names_is_held_out() -> None:
    share = np.mean([is_test_clip(f"Idle01_Beat{number}") for number in range(2000)])
    assert 0.08 < share < 0.12
    assert is_test_clip("Idle01_BeatLowBt01") == is_test_clip("Idle01_BeatLowBt01")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(" fr ", " xx "),
        lambda text: text[:-9],
        lambda text: text.replace("kt 0.033333", "kt -1"),
        lambda text: text + " what",
        lambda text: text + " nan",
    ],
    ids=["no frames", "short frame", "time runs back", "word", "not finite"],
)
def test_broken_motions_say_which_file(folder: Path, damage: object) -> None:
    path = folder / "ChrTest@Wave01.skm"
    write_motion(path, {})
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    with pytest.raises(CorpusError, match="Wave01") as caught:
        list(read_smartbody(folder))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "root a { offset 1 2", "root a { offset 1 x 2 }", "}"])
def test_broken_skeletons_say_which_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.sk").write_text(text)
    with pytest.raises(CorpusError, match=r"broken\.sk"):
        read_skeleton(tmp_path / "broken.sk")


def test_an_empty_folder_or_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="expected SmartBody"):
        list(read_smartbody(tmp_path))
    (tmp_path / "x.tar.xz").write_bytes(b"not a tar")
    with pytest.raises(CorpusError, match="neither a folder nor a readable tar"):
        list(read_smartbody(tmp_path / "x.tar.xz"))


LIMBS = (
    ("UpperArm", "LowerArm"),
    ("LowerArm", "Hand"),
    ("UpperLeg", "LowerLeg"),
    ("LowerLeg", "Foot"),
)


@pytest.mark.data
@pytest.mark.parametrize(
    ("skeleton", "clip"),
    [
        ("behaviorsets/Gestures/skeletons/ChrBrad.sk", "Gestures/motions/ChrBrad@Idle03_PleaBt01"),
        (
            "behaviorsets/MaleGestures/skeletons/ChrGarza.sk",
            "MaleGestures/motions/ChrGarza@IdleStand01_StopForwardRt01",
        ),
        (
            "behaviorsets/MaleLocomotion/skeletons/test_utah.sk",
            "MaleLocomotion/motions/ChrUtah_Walk001",
        ),
    ],
)
def test_limbs_point_where_the_files_formula_puts_them(
    smartbody_folder: Path, skeleton: str, clip: str
) -> None:
    source = read_skeleton(smartbody_folder / "data" / skeleton)
    motion = read_motion(smartbody_folder / "data" / "behaviorsets" / f"{clip}.skm")
    theirs, _ = source.place(motion.rotations, motion.shifts, motion.num_frames)
    joints = jt_joints() if "JtRoot" in theirs else old_joints()
    ours, _ = forward_kinematics(*to_humanoid(source, motion))
    for side in ("Left", "Right"):
        for start, end in LIMBS:
            a, b = (theirs[joints[side + part]] for part in (start, end))
            c, d = (ours[:, BONE_INDEX[side + part]] for part in (start, end))
            cosine = (normalize(b - a) * normalize(d - c)).sum(-1)
            assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < 1.0, side + start


def old_joints() -> dict[str, str]:
    names = {
        "UpperArm": "shoulder",
        "LowerArm": "elbow",
        "Hand": "wrist",
        "UpperLeg": "hip",
        "LowerLeg": "knee",
        "Foot": "ankle",
    }
    return {
        side + ours: f"{side[0].lower()}_{theirs}"
        for side in ("Left", "Right")
        for ours, theirs in names.items()
    }


@pytest.mark.data
def test_standing_gestures_keep_their_feet_on_the_floor(smartbody_folder: Path) -> None:
    gestures = smartbody_folder / "data" / "behaviorsets" / "Gestures"
    clips = [clip for clip in read_smartbody(gestures) if "Beat" in clip.name]
    assert len(clips) > 15
    for clip in clips:
        positions, _ = forward_kinematics(clip.rotations, clip.root_position)
        toes = positions[:, [BONE_INDEX["LeftToes"], BONE_INDEX["RightToes"]]]
        assert np.abs(toes[..., 1] - 0.02).max() < 0.02
        steps = np.linalg.norm(np.diff(toes, axis=0), axis=-1)
        assert steps.mean() * 30 < 0.01
        assert clip.phases
