"""The whole of a look: seen from the chest, through neck, head and eyes."""

import math
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.interpolator.attention import HEAD_RANGE_RAD, Attention, Look
from umo_runtime.interpolator.easing import Easing
from umo_runtime.interpolator.gaze import EYE_RANGE_RAD, eye_rotation
from umo_runtime.nn.rotation import multiply, rotate
from umo_runtime.types import FRAME_RATE_HZ

ATTENTION, EASING = Attention(), Easing()
STRAIGHT = Look(*torch.tensor([[[0.0, 0.0, 0.0, 1.0]]]).repeat(2, 1, 1), torch.zeros(1, 2))
SECOND = FRAME_RATE_HZ
DEGREE = math.radians(1)
angles = st.floats(-math.pi, math.pi)


@dataclass(frozen=True)
class Course:
    """Yaw and pitch by frame, [T, 2]: of the head in the chest, the eyes in the head, both."""

    head: Tensor
    eyes: Tensor
    gaze: Tensor
    looks: list[Look]


def _ahead(rotation: Tensor) -> Tensor:
    x, y, z = rotate(rotation.double(), torch.tensor([0.0, 0.0, 1.0]).double()).unbind(dim=-1)
    return torch.stack((torch.atan2(x, z), torch.asin(y)), dim=-1)


def _play(*parts: tuple[int, Controls], own: Look = STRAIGHT) -> Course:
    """Look by controls, each for a number of frames, after a moment of neutral ones."""
    acted = torch.from_numpy(NEUTRAL.vector())[None]
    turn, is_first, looks = torch.zeros(1, 2, 2), torch.tensor([[True]]), []
    for count, controls in ((1, NEUTRAL), *parts):
        for _ in range(count):
            acted = EASING(torch.from_numpy(controls.vector())[None], acted, is_first)
            look, turn = ATTENTION(own, acted, turn, is_first)
            is_first = torch.tensor([[False]])
            looks.append(look)
    head = torch.cat([multiply(look.neck, look.head) for look in looks[1:]])
    eyes = torch.cat([look.gaze_rad for look in looks[1:]])
    return Course(_ahead(head), eyes, _ahead(multiply(head, eye_rotation(eyes))), looks[1:])


def _at(yaw_rad: float, pitch_rad: float = 0.0) -> Controls:
    return Controls(gaze_rad=(yaw_rad, pitch_rad))


def _turned(seed: int) -> Look:
    """A head that is held somehow, within some 20 degrees, and eyes that look somewhere."""
    generator = torch.Generator().manual_seed(seed)
    ahead = torch.tensor([0.0, 0.0, 0.0, 1.0])
    neck, head = F.normalize(ahead + 0.08 * torch.randn(2, 1, 4, generator=generator), dim=-1)
    return Look(neck, head, 0.1 * torch.randn(1, 2, generator=generator))


@given(st.integers(0, 2**31))
def test_no_target_is_the_models_own_look_bit_for_bit(seed: int) -> None:
    own = _turned(seed)
    for look in _play((3, NEUTRAL), own=own).looks:
        for part in ("neck", "head", "gaze_rad"):
            assert torch.equal(getattr(look, part), getattr(own, part))


@given(
    st.floats(-85 * DEGREE, 85 * DEGREE), st.floats(-30 * DEGREE, 30 * DEGREE), st.integers(0, 99)
)
def test_targets_within_reach_are_looked_at(yaw: float, pitch: float, seed: int) -> None:
    reached = _play((2 * SECOND, _at(yaw, pitch)), own=_turned(seed)).gaze[-1]
    direction = eye_rotation(torch.tensor([[yaw, pitch]]))
    error = _ahead(direction)[0] - reached
    assert error.abs().max() < 1.5 * DEGREE


@given(angles, angles, st.integers(0, 99))
def test_no_target_turns_head_or_eyes_beyond_their_range(
    yaw: float, pitch: float, seed: int
) -> None:
    course = _play((SECOND, _at(yaw, pitch)), (5, _at(-yaw, pitch)), own=_turned(seed))
    own = _ahead(multiply(_turned(seed).neck, _turned(seed).head)).abs()
    most = torch.maximum(torch.tensor(HEAD_RANGE_RAD), own)
    assert (course.head.abs() <= most + 1e-4).all()
    assert course.eyes.abs().max() <= EYE_RANGE_RAD + 1e-5
    for look in course.looks:
        torch.testing.assert_close(look.neck.norm(dim=-1), torch.ones(1))
        torch.testing.assert_close(look.head.norm(dim=-1), torch.ones(1))


@pytest.mark.parametrize("side", [1, -1])
def test_eyes_go_first_then_the_head_while_the_eyes_turn_back(side: int) -> None:
    course = _play((SECOND, _at(side * 50 * DEGREE)))
    head, eyes, gaze = (
        side * part[:, 0] / DEGREE for part in (course.head, course.eyes, course.gaze)
    )
    assert eyes[2] > 20 > 10 > head[2]  # after a tenth of a second
    assert eyes.argmax() < 5
    assert eyes.max() <= 30.01
    assert 25 < head[int(0.4 * SECOND)] < 40
    assert head[-1] == pytest.approx(38, abs=1)
    assert eyes[-1] == pytest.approx(12, abs=1)
    on_target = gaze[int(0.3 * SECOND) :]
    assert (on_target - 50).abs().max() < 1.5  # the eyes turn back as fast as the head turns
    assert (head.diff() > -1e-4).all()


def test_the_head_starts_and_stops_gently_and_no_faster_than_people() -> None:
    speed = _play((SECOND, _at(77 * DEGREE))).head[:, 0].diff() * FRAME_RATE_HZ / DEGREE
    assert speed.max() < 400
    assert speed[0] < speed[1] < speed.max()
    assert speed[-1] < 5


def test_near_targets_need_no_head() -> None:
    course = _play((SECOND, _at(10 * DEGREE, -5 * DEGREE)))
    assert course.head.abs().max() < 1e-5
    assert course.eyes[-1, 0] == pytest.approx(10 * DEGREE, abs=0.1 * DEGREE)


def test_up_is_up_and_left_is_left() -> None:
    course = _play((SECOND, _at(40 * DEGREE, 30 * DEGREE)))
    assert course.head[-1, 0] > 20 * DEGREE and course.head[-1, 1] > 10 * DEGREE
    neck = rotate(course.looks[-1].neck, torch.tensor([[0.0, 0.0, 1.0]]))[0]
    assert neck[0] > 0.1 and neck[1] > 0.05  # +x is the character's left, +y is up


def test_a_target_let_go_leaves_the_own_look() -> None:
    own = _turned(5)
    last = _play((SECOND, _at(1.0, 0.3)), (2 * SECOND, NEUTRAL), own=own).looks[-1]
    for part in ("neck", "head", "gaze_rad"):
        torch.testing.assert_close(getattr(last, part), getattr(own, part), atol=1e-4, rtol=0)


def test_a_nod_goes_on_while_the_gaze_stays() -> None:
    nod = eye_rotation(torch.tensor([[0.0, -8 * DEGREE]]))
    own = Look(STRAIGHT.neck, nod, STRAIGHT.gaze_rad)
    still, nodding = (_play((SECOND, _at(0.5)), own=look) for look in (STRAIGHT, own))
    assert nodding.head[-1, 1] - still.head[-1, 1] == pytest.approx(-8 * DEGREE, abs=0.5 * DEGREE)
    torch.testing.assert_close(nodding.gaze[-1], still.gaze[-1], atol=0.5 * DEGREE, rtol=0)


def test_a_sad_head_sinks_unless_it_looks_at_something() -> None:
    sad = Controls(emotion="sadness")
    assert -10 * DEGREE < _play((2 * SECOND, sad)).head[-1, 1] < -5 * DEGREE
    looking = Controls(emotion="sadness", gaze_rad=(0.0, 0.0))
    assert _play((2 * SECOND, looking)).head[-1].abs().max() < 0.1 * DEGREE
