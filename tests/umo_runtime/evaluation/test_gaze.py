import math

import numpy as np
import pytest

from tests.umo_runtime.evaluation.faces import make_face
from umo_runtime.evaluation.gaze import gaze_figures
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX


def looking(yaw_deg: np.ndarray, head_deg: float = 0.0) -> Performance:
    face = make_face(len(yaw_deg))
    for bone, degrees in (("LeftEye", yaw_deg), ("Head", np.full(len(yaw_deg), head_deg))):
        half = np.radians(degrees) / 2
        face.rotations[:, BONE_INDEX[bone], 1] = np.sin(half)
        face.rotations[:, BONE_INDEX[bone], 3] = np.cos(half)
    return face


def test_a_saccade_is_counted_with_its_size() -> None:
    yaw = np.where(np.arange(600) // 150 % 2, 12.0, 0.0)  # three jumps in 20 s
    figures = gaze_figures([looking(yaw)])
    assert figures["saccades_per_minute"] == 9
    assert figures["saccade_deg"] == pytest.approx(12, abs=0.01)
    assert figures["on_listener"] == 50
    assert figures["eye_turn_deg"] == pytest.approx(12, abs=0.01)


def test_slow_drift_is_no_saccade() -> None:
    figures = gaze_figures([looking(np.linspace(0, 20, 300))])
    assert figures["saccades_per_minute"] == 0
    assert math.isnan(figures["saccade_deg"])


def test_eyes_that_make_up_for_the_head_stay_on_the_listener() -> None:
    away, back = looking(np.zeros(30), 20.0), looking(np.full(30, -20.0), 20.0)
    assert gaze_figures([away])["on_listener"] == 0
    assert gaze_figures([back])["on_listener"] == 100
