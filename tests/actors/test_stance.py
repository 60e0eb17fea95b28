from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.stance import stance
from engine_bridge.wire import FRAME_VALUES, frame_message
from engine_bridge.wire_messages import Stand
from tests.engine_bridge.bridge_frames import make_frame
from umo_runtime.errors import CodedError

FRAME = make_frame(0)
POSE = frame_message(FRAME, 0, 0, 0.0).payload
HIPS, FACE = 220, 223


def test_a_frame_is_a_pose() -> None:
    pose = stance(Stand("npc", 4, 600.0, POSE))
    np.testing.assert_array_equal(pose.rotations, FRAME.rotations)
    np.testing.assert_array_equal(pose.root_position, FRAME.root_position)
    np.testing.assert_array_equal(pose.blendshapes, FRAME.blendshapes)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (Stand("npc"), "payload"),
        (Stand("npc", payload=POSE[:-4]), "payload"),
        (Stand("npc", payload=POSE + bytes(4)), "payload"),
        (Stand("npc", payload=bytes(len(POSE))), "payload"),
        (Stand("npc", 5, payload=POSE), "value"),
        (Stand("npc", 0, -0.1, POSE), "value"),
        (Stand("npc", 0, 600.1, POSE), "value"),
    ],
)
def test_what_is_none_is_refused(told: Stand, code: str) -> None:
    with pytest.raises(CodedError) as refused:
        stance(told)
    assert refused.value.code == code
    assert len(str(refused.value).splitlines()) == 1


def with_value(place: int, value: float) -> Stand:
    values = np.frombuffer(POSE, "<f4").copy()
    values[place] = value
    return Stand("npc", payload=values.tobytes())


@pytest.mark.parametrize("place", [0, 219, HIPS, HIPS + 2, FACE, FRAME_VALUES - 1])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, 101.0])
def test_no_number_is_out_of_its_range(place: int, value: float) -> None:
    with pytest.raises(CodedError) as refused:
        stance(with_value(place, value))
    assert refused.value.code == "payload"


@given(st.integers(FACE, FRAME_VALUES - 1), st.floats(-2, 3, width=32))
def test_blendshapes_are_shares(place: int, value: float) -> None:
    if -0.0009 <= value <= 1.0009:
        stance(with_value(place, value))
    elif not -0.0011 <= value <= 1.0011:
        with pytest.raises(CodedError):
            stance(with_value(place, value))


@given(st.binary(min_size=4 * FRAME_VALUES, max_size=4 * FRAME_VALUES))
def test_bytes_are_hardly_ever_a_pose(payload: bytes) -> None:
    with pytest.raises(CodedError):
        stance(replace(Stand("npc"), payload=payload))
