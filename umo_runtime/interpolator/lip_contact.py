"""Lips that meet: what P, B, M and F, V do to a mouth that is open for its vowels.

A mouth learnt by least squares shows the mean of what it may be, and a P that may be a T comes out
half open. Whether lips touch is therefore decided apart, from how likely each phone is, and early:
a closure missed is seen, one too many is hardly.
Source: what must touch, P. Edwards et al., "JALI", SIGGRAPH 2016.
"""

import torch
from torch import Tensor, nn

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.tokenizer.phones import BILABIALS, LABIODENTALS, PHONES

_UNLIKELY, _LIKELY = 0.05, 0.25  # probabilities between which a contact closes
# What is left open, and what is added, at full contact.
_SHUT_GAINS = {"jawOpen": 0.0, "mouthFunnel": 0.0, "tongueOut": 0.0} | {
    f"mouth{part}{side}": 0.0 for part in ("LowerDown", "UpperUp") for side in ("Left", "Right")
}
_SHUT_ADDS = {
    "mouthPressLeft": 0.3,
    "mouthPressRight": 0.3,
    "mouthRollLower": 0.12,
    "mouthRollUpper": 0.12,
}
_TUCK_GAINS = {"jawOpen": 0.25, "mouthLowerDownLeft": 0.0, "mouthLowerDownRight": 0.0}
_TUCK_ADDS = {"mouthRollLower": 0.35}


class LipContact(nn.Module):
    """Closes a mouth where phones that need it are likely."""

    is_shut: Tensor
    is_tucked: Tensor
    shut_gain: Tensor
    shut_add: Tensor
    tuck_gain: Tensor
    tuck_add: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, labels in (("is_shut", BILABIALS), ("is_tucked", LABIODENTALS)):
            column = torch.tensor([[float(phone in labels)] for phone in PHONES])
            self.register_buffer(name, column, persistent=False)
        for name, table, default in (
            ("shut_gain", _SHUT_GAINS, 1.0),
            ("shut_add", _SHUT_ADDS, 0.0),
            ("tuck_gain", _TUCK_GAINS, 1.0),
            ("tuck_add", _TUCK_ADDS, 0.0),
        ):
            row = torch.tensor([table.get(BLENDSHAPES[c], default) for c in MOUTH_CHANNELS])
            self.register_buffer(name, row, persistent=False)

    def forward(self, mouth: Tensor, phones: Tensor) -> Tensor:
        """Touch lips of mouths [..., M] by probabilities of the phones being said, [..., 40]."""
        shut = _closure(phones @ self.is_shut)
        tucked = _closure(phones @ self.is_tucked) * (1 - shut)
        return _towards(
            _towards(mouth, tucked, self.tuck_gain, self.tuck_add),
            shut,
            self.shut_gain,
            self.shut_add,
        )


def _closure(probability: Tensor) -> Tensor:
    return ((probability - _UNLIKELY) / (_LIKELY - _UNLIKELY)).clamp(0.0, 1.0)


def _towards(mouth: Tensor, amount: Tensor, gain: Tensor, add: Tensor) -> Tensor:
    return mouth * (1 - amount * (1 - gain)) + amount * add
