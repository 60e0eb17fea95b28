from dataclasses import replace

import numpy as np
import pytest

from engine_bridge.frame_check import is_sound
from tests.engine_bridge.bridge_frames import golden_frame, make_frame, utterance

FIELDS = ("rotations", "root_position", "blendshapes")


def test_good_frames_are_sound():
    assert all(is_sound(frame) for frame in (make_frame(), golden_frame(), *utterance(30)))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_number_that_is_not_finite(field, value):
    frame = utterance(1)[0]
    array = getattr(frame, field).copy()
    array.flat[-1] = value
    assert not is_sound(replace(frame, **{field: array}))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("change", [lambda a: a[:-1], lambda a: a[None], lambda a: a[:0]])
def test_wrong_shapes(field, change):
    frame = make_frame()
    assert not is_sound(replace(frame, **{field: change(getattr(frame, field))}))


@pytest.mark.parametrize("scale", [0, 0.5, 2, 1e30])
def test_rotations_that_are_not_unit(scale):
    frame = make_frame()
    assert not is_sound(replace(frame, rotations=frame.rotations * np.float32(scale)))


@pytest.mark.parametrize("time_s", [float("nan"), float("inf")])
def test_a_time_that_is_not_finite(time_s):
    assert not is_sound(replace(make_frame(), time_s=time_s))
