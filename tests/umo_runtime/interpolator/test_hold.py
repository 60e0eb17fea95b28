import pytest
import torch
from torch import Tensor

from umo_runtime.interpolator.hold import MAX_TURN_RAD_PER_S, Hold
from umo_runtime.nn.rotation import conjugate, multiply
from umo_runtime.skeleton import BONE_INDEX, NUM_BONES
from umo_runtime.tokenizer.phones import PHONES, SILENCE
from umo_runtime.types import FRAME_RATE_HZ

FEATURES = 8
SPEECH, REST = torch.ones(1, FEATURES), torch.zeros(1, FEATURES)


@pytest.fixture
def hold() -> Hold:
    """Hears speech where the features are one and silence where they are zero."""
    layer = Hold(FEATURES)
    with torch.no_grad():
        layer.phones.weight.zero_()
        layer.phones.bias.fill_(-20.0)
        layer.phones.bias[SILENCE] = 0.0
        layer.phones.weight[PHONES.index("AA")] = 60.0 / FEATURES
    return layer


def _turned(angle_rad: float) -> Tensor:
    half = torch.tensor(angle_rad / 2)
    turn = torch.stack((torch.zeros(()), torch.zeros(()), half.sin(), half.cos()))
    return turn.expand(1, NUM_BONES, 4).clone()


def _speed_rad_per_s(hold: Hold, voice: float, bone: str) -> float:
    """How fast a bone turns towards a curve that has gone 0.2 rad away."""
    root = torch.zeros(1, 3)
    out, _ = hold(_turned(0.2), root, (_turned(0.0), root), torch.tensor([[voice]]))
    turned = multiply(conjugate(_turned(0.0)), out)[0, BONE_INDEX[bone]]
    return float(2 * torch.atan2(turned[:3].norm(), turned[3]) * FRAME_RATE_HZ)


@pytest.mark.parametrize("bone", ["LeftHand", "RightUpperArm", "Spine", "LeftIndexDistal"])
def test_the_body_holds_in_silence_and_is_free_in_speech(hold: Hold, bone: str) -> None:
    assert 0 < _speed_rad_per_s(hold, 0.0, bone) < 0.06
    assert _speed_rad_per_s(hold, 0.3, bone) < 1
    assert _speed_rad_per_s(hold, 1.0, bone) == pytest.approx(0.2 * FRAME_RATE_HZ, abs=1e-2)


@pytest.mark.parametrize("bone", ["Head", "Neck", "LeftEye"])
def test_head_and_eyes_never_hold(hold: Hold, bone: str) -> None:
    assert _speed_rad_per_s(hold, 0.0, bone) == pytest.approx(0.2 * FRAME_RATE_HZ, abs=1e-2)


def test_the_hips_only_sway(hold: Hold) -> None:
    still, moved = torch.zeros(1, 3), torch.ones(1, 3)
    _, root = hold(_turned(0.0), moved, (_turned(0.0), still), torch.ones(1, 1))
    assert 0 < root.max() < 0.5
    assert _speed_rad_per_s(hold, 1.0, "Hips") < 0.1 * FRAME_RATE_HZ


def test_nothing_turns_faster_than_people_do(hold: Hold) -> None:
    root = torch.zeros(1, 3)
    out, _ = hold(_turned(3.0), root, (_turned(0.0), root), torch.ones(1, 1))
    turned = multiply(conjugate(_turned(0.0)), out)[0]
    angle = 2 * torch.atan2(turned[:, :3].norm(dim=-1), turned[:, 3])
    assert angle.max() * FRAME_RATE_HZ <= MAX_TURN_RAD_PER_S + 1e-2


def test_the_voice_takes_over_gently_and_lets_go_quickly(hold: Hold) -> None:
    rising = hold.hear(SPEECH, torch.zeros(1, 1))
    falling = hold.hear(REST, torch.ones(1, 1))
    assert 0.05 < rising < 0.3
    assert 0.1 < falling < 0.3
    voice = torch.zeros(1, 1)
    for _ in range(40):
        voice = hold.hear(SPEECH, voice)
    assert float(voice.detach()) == pytest.approx(1.0, abs=0.01)


def test_both_signs_of_a_rotation_are_the_same_way(hold: Hold) -> None:
    root, voice = torch.zeros(1, 3), torch.full((1, 1), 0.5)
    last = (_turned(0.0), root)
    one, _ = hold(_turned(0.4), root, last, voice)
    other, _ = hold(-_turned(0.4), root, last, voice)
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(one.norm(dim=-1), torch.ones(1, NUM_BONES))
