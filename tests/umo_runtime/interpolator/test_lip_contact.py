import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.interpolator.lip_contact import LipContact
from umo_runtime.tokenizer.phones import PHONES

NAMES = [BLENDSHAPES[channel] for channel in MOUTH_CHANNELS]
OPEN = torch.full((1, len(NAMES)), 0.5)


def heard(**shares: float) -> torch.Tensor:
    phones = torch.zeros(1, len(PHONES))
    for name, share in shares.items():
        phones[0, PHONES.index(name)] = share
    return phones


def channel(mouth: torch.Tensor, name: str) -> float:
    return float(mouth[0, NAMES.index(name)])


@pytest.mark.parametrize("phone", ["P", "B", "M"])
def test_bilabials_shut_jaw_and_lips(phone: str) -> None:
    mouth = LipContact()(OPEN, heard(**{phone: 0.9, "T": 0.1}))
    assert channel(mouth, "jawOpen") == channel(mouth, "mouthLowerDownLeft") == 0
    assert channel(mouth, "mouthPressLeft") > 0.3
    assert channel(mouth, "mouthSmileLeft") == 0.5, "corners belong to the vowels around"


@pytest.mark.parametrize("phone", ["F", "V"])
def test_labiodentals_tuck_the_lower_lip(phone: str) -> None:
    mouth = LipContact()(OPEN, heard(**{phone: 1.0}))
    assert channel(mouth, "mouthLowerDownLeft") == 0
    assert channel(mouth, "mouthRollLower") > 0.5
    assert channel(mouth, "mouthUpperUpLeft") == 0.5, "the upper lip stays off the teeth"
    assert 0 < channel(mouth, "jawOpen") < 0.2


def test_other_phones_leave_the_mouth_alone() -> None:
    assert torch.equal(LipContact()(OPEN, heard(AA=0.96, M=0.04)), OPEN)


def test_doubt_between_the_bilabials_is_no_doubt() -> None:
    assert channel(LipContact()(OPEN, heard(P=0.1, B=0.1, M=0.1, T=0.7)), "jawOpen") == 0


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_more_likely_a_closure_the_less_open_the_jaw(one: float, other: float) -> None:
    less, more = sorted((one, other))
    contact = LipContact()
    jaws = [
        channel(contact(OPEN, heard(M=share, AA=1 - share)), "jawOpen") for share in (less, more)
    ]
    assert jaws[0] >= jaws[1]
