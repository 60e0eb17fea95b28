import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.controls import CONTROL_DIM, EMOTIONS, JOY, NEUTRAL, STATES, Controls
from umo_runtime.errors import ControlError

ANGLE = st.floats(-math.pi, math.pi)


def test_neutral_is_calmness_one_half_and_nothing_else() -> None:
    assert NEUTRAL.vector().tolist() == [0.5, *[0.0] * (CONTROL_DIM - 1)]


@given(
    st.builds(
        Controls,
        calmness=st.floats(0, 1),
        emotion=st.sampled_from(EMOTIONS),
        intensity=st.floats(0, 1),
        state=st.sampled_from(STATES),
        gaze_rad=st.none() | st.tuples(ANGLE, ANGLE),
    )
)
def test_any_controls_make_a_finite_vector_with_one_mood_and_one_role(controls: Controls) -> None:
    vector = controls.vector()
    assert vector.shape == (CONTROL_DIM,) and vector.dtype == np.float32
    assert np.isfinite(vector).all()
    assert np.count_nonzero(vector[JOY : JOY + 3]) <= 1
    assert vector[1:3].sum() == (controls.state != "speaking")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"calmness": 1.1}, "calmness is 1.1"),
        ({"calmness": math.nan}, "calmness is nan"),
        ({"intensity": -0.1}, "intensity is -0.1"),
        ({"emotion": "bliss"}, "neutral, joy, anger, sadness"),
        ({"state": "asleep"}, "speaking, listening, idle"),
        ({"gaze_rad": (4.0, 0.0)}, "within half a turn"),
        ({"gaze_rad": (math.nan, 0.0)}, "within half a turn"),
    ],
)
def test_impossible_directions_are_refused_in_one_line(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ControlError, match=says):
        Controls(**wrong)  # type: ignore[arg-type]
