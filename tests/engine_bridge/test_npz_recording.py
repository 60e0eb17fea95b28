import numpy as np
import pytest

from engine_bridge import open_recorder
from tests.engine_bridge.bridge_frames import golden_frame, utterance
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES

KEYS = {
    "fps",
    "times",
    "blendshapes",
    "blendshape_names",
    "rotations",
    "bone_names",
    "root_position",
    "audio_path",
}


@pytest.fixture
def record(tmp_path):
    def run(frames, fps=30, audio_path="speech.wav"):
        path = tmp_path / "take.npz"
        recorder = open_recorder(path, fps, audio_path)
        for frame in frames:
            recorder.write(frame)
        recorder.close()
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)

    return run


@pytest.mark.parametrize("num_frames", [0, 1, 45])
def test_shapes_and_types(record, num_frames):
    archive = record(utterance(num_frames))
    assert set(archive) == KEYS
    expected = {
        "times": ((num_frames,), "float64"),
        "blendshapes": ((num_frames, 52), "float32"),
        "rotations": ((num_frames, 55, 4), "float32"),
        "root_position": ((num_frames, 3), "float32"),
        "fps": ((), "float64"),
    }
    for key, (shape, dtype) in expected.items():
        assert archive[key].shape == shape
        assert archive[key].dtype == dtype


def test_round_trip_is_exact(record):
    frames = utterance(45)
    archive = record(frames, fps=29.97, audio_path="Sprache/ä ö.wav")
    assert archive["times"].tolist() == [frame.time_s for frame in frames]
    for key in ("rotations", "root_position", "blendshapes"):
        np.testing.assert_array_equal(archive[key], [getattr(frame, key) for frame in frames])
    assert tuple(archive["blendshape_names"]) == BLENDSHAPES
    assert tuple(archive["bone_names"]) == BONES
    assert float(archive["fps"]) == 29.97
    assert str(archive["audio_path"]) == "Sprache/ä ö.wav"


def test_without_audio(record):
    assert str(record([], audio_path=None)["audio_path"]) == ""


def test_golden_pose_has_its_handedness(record):
    archive = record([golden_frame()])
    bones, shapes = list(archive["bone_names"]), list(archive["blendshape_names"])
    half = 0.5**0.5
    rotations = archive["rotations"][0]
    np.testing.assert_allclose(rotations[bones.index("LeftUpperArm")], [0, 0, half, half], 1e-6)
    assert rotations[bones.index("RightUpperArm")].tolist() == [0, 0, 0, 1]
    assert rotations[bones.index("Head")][1] < 0
    assert archive["blendshapes"][0, shapes.index("eyeBlinkLeft")] == 1
    assert archive["blendshapes"][0, shapes.index("eyeBlinkRight")] == 0
