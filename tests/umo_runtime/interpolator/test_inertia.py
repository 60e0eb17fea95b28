import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.interpolator.inertia import _LAGS_S, LAG_S, Inertia, make_up
from umo_runtime.skeleton import BONE_INDEX
from umo_runtime.types import FRAME_RATE_HZ


def turned(angle_rad: float) -> torch.Tensor:
    return torch.tensor([0.0, math.sin(angle_rad / 2), 0.0, math.cos(angle_rad / 2)])


def angle_of(rotation: torch.Tensor) -> float:
    return 2 * math.atan2(float(rotation[1]), float(rotation[3]))


def walk(angles_rad: list[float], bone: str = "LeftUpperArm") -> list[float]:
    inertia = Inertia([BONE_INDEX[bone]])
    place, speed, out = turned(angles_rad[0])[None], torch.zeros(1, 4), []
    for angle in angles_rad:
        place, speed = inertia(turned(angle)[None], place, speed)
        out.append(angle_of(place[0]))
    return out


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_a_step_is_reached_without_overshoot(start: float, end: float) -> None:
    path = walk([start] + [end] * 60)
    assert abs(path[-1] - end) < 1e-3
    low, high = sorted((start, end))
    assert all(low - 1e-5 <= angle <= high + 1e-5 for angle in path)


@pytest.mark.parametrize("bone", ["LeftHand", "RightIndexDistal", "Neck", "Head", "Chest"])
def test_a_steady_turn_is_followed_late_by_the_lag_of_its_bone(bone: str) -> None:
    speed_rad_s, frames = 0.1, 300
    path = walk([speed_rad_s * frame / FRAME_RATE_HZ for frame in range(frames)], bone)
    lag_s = (frames - 1) / FRAME_RATE_HZ - path[-1] / speed_rad_s
    assert abs(lag_s - _LAGS_S.get(bone, LAG_S)) < 1 / FRAME_RATE_HZ


def test_a_nod_reaches_the_head_and_would_be_damped_in_an_arm() -> None:
    nod = [0.15 * math.cos(math.pi * max(-0.5, min(0.5, (f - 30) / 9))) ** 2 for f in range(60)]
    assert max(walk(nod, "Head")) > 0.75 * max(nod)
    assert max(walk(nod, "LeftHand")) < 0.65 * max(nod)


def test_the_trunk_leans_slowly_and_does_not_sway_with_every_stroke() -> None:
    stroke = [0.2 * math.sin(2 * math.pi * 0.8 * f / FRAME_RATE_HZ) for f in range(300)]
    lean = [0.2 * math.sin(2 * math.pi * 0.05 * f / FRAME_RATE_HZ) for f in range(600)]
    assert max(walk(stroke, "Chest")[150:]) < 0.04
    assert max(walk(lean, "Chest")) > 0.18


def test_every_bone_is_followed_at_its_own_pace_beside_others() -> None:
    bones = ["Spine", "Head", "LeftHand"]
    inertia = Inertia([BONE_INDEX[bone] for bone in bones])
    place, speed = turned(0.0).expand(3, 4), torch.zeros(3, 4)
    for _ in range(5):
        place, speed = inertia(turned(0.3).expand(3, 4), place, speed)
    alone = [walk([0.0] + [0.3] * 5, bone)[-1] for bone in bones]
    assert alone[0] < alone[2] < alone[1]
    assert [angle_of(bone) for bone in place] == pytest.approx(alone, abs=1e-6)


def test_grain_of_keyframes_is_smoothed_and_the_gesture_kept() -> None:
    frames = range(120)
    gesture = [0.6 * math.sin(2 * math.pi * 0.7 * frame / FRAME_RATE_HZ) for frame in frames]
    grain = [0.05 * math.sin(2 * math.pi * 7.5 * frame / FRAME_RATE_HZ) for frame in frames]
    path = walk([a + b for a, b in zip(gesture, grain, strict=True)])[30:]
    clean = walk(gesture)[30:]
    assert max(abs(a - b) for a, b in zip(path, clean, strict=True)) < 0.05 / 4
    assert max(clean) > 0.45


def test_the_short_way_is_taken_whatever_the_sign() -> None:
    place, target = turned(0.2), turned(0.4)
    inertia = Inertia([BONE_INDEX["Head"]])
    once, _ = inertia(target[None], place[None], torch.zeros(1, 4))
    again, _ = inertia(-target[None], place[None], torch.zeros(1, 4))
    torch.testing.assert_close(once, again)


def test_what_inertia_takes_from_a_gesture_is_made_up_for() -> None:
    rates_hz = (0.6, 0.8, 1.0)
    kept = []
    for rate_hz in rates_hz:
        swing = torch.tensor(
            [0.3 * math.sin(2 * math.pi * rate_hz * frame / FRAME_RATE_HZ) for frame in range(150)]
        )
        wider = make_up(swing, torch.zeros(150))
        kept.append(max(walk(wider.tolist())[60:]) / 0.3)
    assert kept == sorted(kept, reverse=True)
    assert abs(kept[1] - 1) < 0.03
    assert all(0.9 < share < 1.1 for share in kept)
