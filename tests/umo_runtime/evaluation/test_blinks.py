import math

import numpy as np
import pytest

from tests.umo_runtime.evaluation.faces import make_face
from umo_runtime.evaluation.blinks import blink_figures


def test_blinks_are_counted_and_timed_over_all_recordings() -> None:
    lids = np.zeros(900)
    lids[[0, 1, 100, 101, 102, 103]] = 1.0
    lids[500:600] = 0.45  # lids that follow a lowered gaze
    figures = blink_figures([make_face(900, eyeBlinkLeft=lids), make_face(900)])
    assert figures["blinks_per_minute"] == 2
    assert figures["blink_ms"] == pytest.approx(100)


def test_without_a_blink_there_is_no_duration() -> None:
    figures = blink_figures([make_face(30)])
    assert figures["blinks_per_minute"] == 0
    assert math.isnan(figures["blink_ms"])
