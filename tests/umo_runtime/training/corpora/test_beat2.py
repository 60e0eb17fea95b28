from pathlib import Path

import numpy as np
import pytest
import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import BONE_INDEX, BONES, forward_kinematics
from umo_runtime.training.corpora.beat2 import SMPLX_BONES, read_beat2, read_smplx
from umo_runtime.training.corpora.utterance import Span

NAME = "2_scott_0_1_1"
TEXTGRID = """"ooTextFile" "TextGrid" 0 1 <exists> 2
"IntervalTier" "words" 0 1 2
0 0.4 "" 0.4 1 "Hello"
"IntervalTier" "phones" 0 1 3
0 0.4 "sil" 0.4 0.6 "HH" 0.6 1 "AH0"
"""
# Places in SMPL-X's own joint order.
LEFT_SHOULDER, RIGHT_ELBOW, LEFT_THUMB_1, RIGHT_INDEX_3 = 16, 19, 37, 42


def _write(folder: Path, poses: np.ndarray, trans: np.ndarray, rate_hz: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.npz"
    np.savez(path, poses=poses, trans=trans, mocap_frame_rate=rate_hz)
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    _write(tmp_path / "smplxflame_30", np.zeros((30, 165)), np.zeros((30, 3)), 30)
    (tmp_path / "wave16k").mkdir()
    soundfile.write(tmp_path / "wave16k" / f"{NAME}.wav", np.zeros(16_000), 16_000, "PCM_16")
    (tmp_path / "textgrid").mkdir()
    (tmp_path / "textgrid" / f"{NAME}.TextGrid").write_text(TEXTGRID)
    return tmp_path


def test_every_bone_has_one_joint() -> None:
    assert sorted(SMPLX_BONES) == sorted(BONES)
    assert SMPLX_BONES[LEFT_SHOULDER] == "LeftUpperArm"
    assert SMPLX_BONES[RIGHT_ELBOW] == "RightLowerArm"
    assert SMPLX_BONES[LEFT_THUMB_1] == "LeftThumbProximal"
    assert SMPLX_BONES[RIGHT_INDEX_3] == "RightIndexDistal"


def test_recording_becomes_speech_and_motion(corpus: Path) -> None:
    ((utterance, clip),) = read_beat2(corpus)
    assert utterance.name == clip.name == NAME
    assert utterance.speaker == clip.character == "scott"
    assert utterance.text == "hello"
    assert utterance.words == (Span("hello", 0.4, 1.0),)
    assert [phone.label for phone in utterance.phones] == ["SIL", "HH", "AH"]
    assert utterance.samples.shape == (16_000,)
    assert clip.rotations.shape == (30, 55, 4)


def test_rotations_carry_over_and_the_feet_stand_on_the_floor(tmp_path: Path) -> None:
    poses = np.zeros((30, 55, 3))
    poses[:, LEFT_SHOULDER] = (0, 0, -np.pi / 2)  # the left arm hangs
    trans = np.tile((0.2, 5.0, 0.0), (30, 1))
    clip = read_smplx(_write(tmp_path, poses.reshape(30, 165), trans, 30))
    placed, _ = forward_kinematics(clip.rotations, clip.root_position)
    arm = placed[0, BONE_INDEX["LeftHand"]] - placed[0, BONE_INDEX["LeftUpperArm"]]
    np.testing.assert_allclose(arm / np.linalg.norm(arm), (0, -1, 0), atol=1e-5)
    assert clip.root_position[0, 0] == pytest.approx(0.203)
    assert placed[:, BONE_INDEX["LeftToes"], 1].mean() == pytest.approx(0.02, abs=1e-4)


@pytest.mark.parametrize("rate_hz", [60.0, 120.0, 25.0])
def test_other_rates_are_resampled_to_30_fps(tmp_path: Path, rate_hz: float) -> None:
    frames = int(2 * rate_hz) + 1
    time = np.arange(frames) / rate_hz
    poses = np.zeros((frames, 55, 3))
    poses[:, 12, 1] = time  # the neck turns by one radian a second
    trans = np.stack((time, 0 * time, 0 * time), axis=1)
    clip = read_smplx(_write(tmp_path, poses.reshape(frames, 165), trans, rate_hz))
    assert len(clip.rotations) == 61
    neck = clip.rotations[:, BONE_INDEX["Neck"]]
    np.testing.assert_allclose(
        2 * np.arctan2(neck[:, 1], neck[:, 3]), np.arange(61) / 30, atol=1e-5
    )
    np.testing.assert_allclose(np.diff(clip.root_position[:, 0]), 1 / 30, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(clip.rotations, axis=-1), 1, atol=1e-6)


def test_wrong_input_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="expected BEAT2's folder"):
        list(read_beat2(tmp_path / "nowhere"))
    with pytest.raises(CorpusError, match=r"expected \[T, 165\]"):
        read_smplx(_write(tmp_path / "odd", np.zeros((3, 72)), np.zeros((3, 3)), 30))
    (tmp_path / "bad.npz").write_bytes(b"garbage")
    with pytest.raises(CorpusError, match="not SMPL-X motion"):
        read_smplx(tmp_path / "bad.npz")
    (corpus / "wave16k" / f"{NAME}.wav").unlink()
    with pytest.raises(CorpusError, match="is missing"):
        list(read_beat2(corpus))
