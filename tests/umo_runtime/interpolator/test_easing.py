import pytest
import torch

from umo_runtime.controls import (
    CALMNESS,
    CONTROL_DIM,
    GAZE_WEIGHT,
    JOY,
    LISTENING,
    NEUTRAL,
    Controls,
)
from umo_runtime.interpolator.easing import Easing
from umo_runtime.types import FRAME_RATE_HZ

NO, YES = torch.tensor([[False]]), torch.tensor([[True]])


def _vector(controls: Controls) -> torch.Tensor:
    return torch.from_numpy(controls.vector())[None]


def test_a_stream_obeys_at_once() -> None:
    told = _vector(Controls(0.1, "joy", 1.0, "idle", (0.3, 0.2)))
    assert torch.equal(Easing()(told, torch.randn(1, CONTROL_DIM), YES), told)


def test_what_does_not_change_stays_exact() -> None:
    told = _vector(Controls(0.3, "joy", 0.7, "idle", (0.3, 0.2)))
    assert torch.equal(Easing()(told, told, NO), told)


@pytest.mark.parametrize(
    ("control", "soonest_s", "latest_s"),
    [
        (CALMNESS, 0.4, 1.2),
        (JOY, 0.4, 1.2),
        (LISTENING, 0.1, 0.3),
        (GAZE_WEIGHT, 0.05, 0.15),
    ],
)
def test_each_control_sets_in_at_its_pace(control: int, soonest_s: float, latest_s: float) -> None:
    """Nine tenths of a step are reached between two times, without overshoot."""
    easing, acted = Easing(), _vector(NEUTRAL)
    told = acted.clone()
    told[0, control] += 0.5
    course = []
    for _ in range(FRAME_RATE_HZ * 2):
        acted = easing(told, acted, NO)
        course.append(float((acted - _vector(NEUTRAL))[0, control]) / 0.5)
    reached_s = next(n for n, value in enumerate(course, 1) if value > 0.9) / FRAME_RATE_HZ
    assert soonest_s <= reached_s <= latest_s
    assert course == sorted(course) and course[-1] <= 1
