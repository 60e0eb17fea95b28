import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.interpolator.gaze import (
    EYE_RANGE_RAD,
    LOOK_CHANNELS,
    eye_rotation,
    look_values,
)
from umo_runtime.nn.rotation import rotate

angles = st.floats(-0.625, 0.625, width=32)


def _looks(yaw: float, pitch: float) -> dict[str, float]:
    values = look_values(torch.tensor([yaw, pitch]))
    names = [BLENDSHAPES[channel] for channel, _, _ in LOOK_CHANNELS]
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if value}


@given(angles, angles)
def test_eye_turns_from_straight_ahead_to_the_gaze(yaw: float, pitch: float) -> None:
    rotation = eye_rotation(torch.tensor([yaw, pitch]))
    assert abs(rotation.norm().item() - 1) < 1e-6
    x, y, z = rotate(rotation, torch.tensor([0.0, 0.0, 1.0])).tolist()
    assert x == pytest.approx(math.sin(yaw) * math.cos(pitch), abs=1e-6)  # +x: character's left
    assert y == pytest.approx(math.sin(pitch), abs=1e-6)
    assert z == pytest.approx(math.cos(yaw) * math.cos(pitch), abs=1e-6)


@given(angles, angles)
def test_eye_does_not_roll(yaw: float, pitch: float) -> None:
    right = rotate(eye_rotation(torch.tensor([yaw, pitch])), torch.tensor([1.0, 0.0, 0.0]))
    assert abs(right[1].item()) < 1e-6


def test_look_channels_by_direction() -> None:
    assert set(_looks(0.2, 0.0)) == {"eyeLookOutLeft", "eyeLookInRight"}
    assert set(_looks(-0.2, 0.0)) == {"eyeLookInLeft", "eyeLookOutRight"}
    assert set(_looks(0.0, 0.2)) == {"eyeLookUpLeft", "eyeLookUpRight"}
    assert set(_looks(0.0, -0.2)) == {"eyeLookDownLeft", "eyeLookDownRight"}
    assert not _looks(0.0, 0.0)


def test_look_values_are_in_proportion_and_bounded() -> None:
    assert _looks(EYE_RANGE_RAD / 2, 0.0)["eyeLookOutLeft"] == pytest.approx(0.5)
    assert set(_looks(10.0, -10.0).values()) == {1.0}


def test_batches_keep_their_shape() -> None:
    gaze = torch.zeros(2, 5, 2)
    assert look_values(gaze).shape == (2, 5, 8)
    assert eye_rotation(gaze).shape == (2, 5, 4)
