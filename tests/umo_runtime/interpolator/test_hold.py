import pytest
import torch
from torch import Tensor

from umo_runtime.interpolator.hold import MAX_TURN_RAD_PER_S, Hold
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
    """Rotation [1, 4] about z."""
    half = torch.tensor(angle_rad / 2)
    return torch.stack((torch.zeros(()), torch.zeros(()), half.sin(), half.cos()))[None]


def _most_rad_per_s(hold: Hold, voice: float, bone: str) -> float:
    most = hold.most_turn_rad(torch.tensor([[voice]]))
    assert most.shape == (1, NUM_BONES, 1)
    return float(most[0, BONE_INDEX[bone], 0]) * FRAME_RATE_HZ


@pytest.mark.parametrize("bone", ["LeftHand", "RightUpperArm", "Spine", "LeftIndexDistal"])
def test_the_body_holds_in_silence_and_is_free_in_speech(hold: Hold, bone: str) -> None:
    assert 0 < _most_rad_per_s(hold, 0.0, bone) < 0.06
    assert _most_rad_per_s(hold, 0.3, bone) < 1
    assert _most_rad_per_s(hold, 1.0, bone) == pytest.approx(MAX_TURN_RAD_PER_S)


@pytest.mark.parametrize("bone", ["Head", "Neck", "LeftEye", "LeftFoot"])
def test_head_eyes_and_legs_never_hold(hold: Hold, bone: str) -> None:
    assert _most_rad_per_s(hold, 0.0, bone) == pytest.approx(MAX_TURN_RAD_PER_S)


@pytest.mark.parametrize("sign", [1.0, -1.0])  # both signs of a rotation are the same way
def test_the_hips_only_sway(hold: Hold, sign: float) -> None:
    still, moved = torch.zeros(1, 3), torch.ones(1, 3)
    last = (_turned(0.0), still)
    hips, root = hold.sway(sign * _turned(0.2), moved, last, torch.ones(1, 1))
    assert 0 < root.max() < 0.5
    assert 0 < 2 * torch.asin(hips[0, 2]) < 0.1
    torch.testing.assert_close(hips.norm(dim=-1), torch.ones(1))
    _, in_silence = hold.sway(_turned(0.2), moved, last, torch.zeros(1, 1))
    assert 0 < in_silence.max() < root.max()


def test_the_voice_takes_over_gently_and_lets_go_quickly(hold: Hold) -> None:
    rising = hold.hear(hold.said(SPEECH), torch.zeros(1, 1))
    falling = hold.hear(hold.said(REST), torch.ones(1, 1))
    assert 0.05 < rising < 0.3
    assert 0.1 < falling < 0.3
    voice = torch.zeros(1, 1)
    for _ in range(40):
        voice = hold.hear(hold.said(SPEECH), voice)
    assert float(voice.detach()) == pytest.approx(1.0, abs=0.01)
