import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import open_recorder
from engine_bridge.live_link_csv import to_timecode
from tests.engine_bridge.bridge_frames import golden_frame, utterance
from umo_runtime.blendshapes import BLENDSHAPES

# The first line of a take of the app, as found in public recordings.
HEADER = (
    "Timecode,BlendShapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,"
    "EyeLookUpLeft,EyeSquintLeft,EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,"
    "EyeLookOutRight,EyeLookUpRight,EyeSquintRight,EyeWideRight,JawForward,JawRight,JawLeft,"
    "JawOpen,MouthClose,MouthFunnel,MouthPucker,MouthRight,MouthLeft,MouthSmileLeft,"
    "MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,MouthDimpleRight,"
    "MouthStretchLeft,MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,"
    "MouthShrugUpper,MouthPressLeft,MouthPressRight,MouthLowerDownLeft,MouthLowerDownRight,"
    "MouthUpperUpLeft,MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,BrowOuterUpLeft,"
    "BrowOuterUpRight,CheekPuff,CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,"
    "TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,"
    "RightEyePitch,RightEyeRoll"
)


@pytest.fixture
def record(tmp_path):
    def run(frames, fps=30):
        path = tmp_path / "take.csv"
        recorder = open_recorder(path, fps)
        for frame in frames:
            recorder.write(frame)
        recorder.close()
        return path.read_bytes().decode("ascii")

    return run


def rows(text):
    return list(csv.DictReader(text.splitlines()))


def test_header_is_the_apps(record):
    assert record([]) == HEADER + "\n"


def test_every_value_stands_under_its_name(record):
    frames = utterance(10)
    for frame, row in zip(frames, rows(record(frames)), strict=True):
        assert row["BlendShapeCount"] == "61"
        for name, value in zip(BLENDSHAPES, frame.blendshapes.tolist(), strict=True):
            assert float(row[name[0].upper() + name[1:]]) == pytest.approx(value, abs=1e-9)


def test_numbers_have_ten_decimals(record):
    line = record([golden_frame()]).splitlines()[1].split(",")
    assert line[:3] == ["00:00:00:00.000", "61", "1.0000000000"]
    assert all(len(value.partition(".")[2]) == 10 for value in line[2:])


def test_golden_pose_has_its_handedness(record):
    (row,) = rows(record([golden_frame()]))
    values = {name: float(value) for name, value in row.items() if name != "Timecode"}
    assert values["EyeBlinkLeft"] == 1
    assert values["EyeBlinkRight"] == 0
    assert (values["JawRight"], values["JawLeft"]) == (0.25, 0)
    assert (values["MouthRight"], values["MouthLeft"]) == (0, 0.5)
    assert values["HeadYaw"] == pytest.approx(np.radians(-30), abs=1e-6)  # to its right
    assert values["LeftEyeYaw"] == pytest.approx(np.radians(-10), abs=1e-6)  # to its left
    for name in ("HeadPitch", "HeadRoll", "LeftEyePitch", "RightEyeYaw", "RightEyeRoll"):
        assert values[name] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("time_s", "timebase", "expected"),
    [
        (0.0, 30, "00:00:00:00.000"),
        (1 / 30, 30, "00:00:00:01.000"),
        (29 / 30, 30, "00:00:00:29.000"),
        (1.0, 30, "00:00:01:00.000"),
        (0.5 / 60, 60, "00:00:00:00.500"),
        (59.9999999, 60, "00:01:00:00.000"),
        (3661.5, 60, "01:01:01:30.000"),
        (360_000.0, 30, "100:00:00:00.000"),
        (-0.5, 30, "00:00:00:00.000"),
    ],
)
def test_timecode(time_s, timebase, expected):
    assert to_timecode(time_s, timebase) == expected


@given(st.floats(0, 86_399), st.sampled_from([24, 25, 30, 60]))
def test_timecode_round_trip(time_s, timebase):
    hours, minutes, seconds, frames = to_timecode(time_s, timebase).split(":")
    assert float(frames) < timebase
    read = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(frames) / timebase
    assert read == pytest.approx(time_s, abs=0.6e-3 / timebase)
