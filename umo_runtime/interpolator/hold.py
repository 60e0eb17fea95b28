"""A body that holds while the voice rests.

Speakers freeze a gesture in a pause and go on with it, or let it sink, afterwards (post-stroke
hold: D. McNeill, "Hand and Mind", 1992). Keyframes are decided before a pause is heard; this layer
hears it at frame rate. In silence trunk, arms and hands follow their curve slowly, in speech at
once. The hips, which only ever sway, always follow smoothly, so that the grain of their tokens is
not seen.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.skeleton import BONES, REGION_BONES, Region
from umo_runtime.tokenizer.phones import PHONES, SILENCE

# Share of the way to the curve that a bone takes per frame.
_SILENCE = 0.02  # about a second and a half
_SWAY = 0.2  # the hips, at most
_RISE, _FALL = 0.15, 0.8  # how fast the voice takes over and lets go, per frame
_FREE = ("Neck", "Head")  # nods and glances go on in pauses
_HIPS = BONES.index("Hips")


class Hold(nn.Module):
    """Slows trunk, arms and hands down in silence."""

    slowest: Tensor
    fastest: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.phones = nn.Linear(features, len(PHONES))
        held = {_HIPS, *REGION_BONES[Region.UPPER], *REGION_BONES[Region.HANDS]}
        held -= {BONES.index(name) for name in _FREE}
        slowest = torch.tensor([_SILENCE if bone in held else 1.0 for bone in range(len(BONES))])
        fastest = torch.ones(len(BONES))
        fastest[_HIPS] = _SWAY
        self.register_buffer("slowest", slowest, persistent=False)
        self.register_buffer("fastest", fastest, persistent=False)

    def forward(
        self, rotations: Tensor, root: Tensor, last: tuple[Tensor, Tensor], voice: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Follow the curve as fast as the voice allows.

        Args:
            rotations: where the curve is, [B, 55, 4].
            root: the same of the hips' position, [B, 3].
            last: both a frame ago.
            voice: [B, 1], see `hear`.

        Returns:
            Rotations [B, 55, 4] and hips' position [B, 3].
        """
        # Squared: a body that was held sets off gently.
        follow = (self.slowest + (self.fastest - self.slowest) * voice * voice)[..., None]
        same_side = (rotations * last[0]).sum(dim=-1, keepdim=True) >= 0
        near = torch.where(same_side, rotations, -rotations)
        slowed = F.normalize(torch.lerp(last[0], near, follow), dim=-1)
        return slowed, torch.lerp(last[1], root, follow[:, _HIPS])

    def hear(self, features: Tensor, voice: Tensor) -> Tensor:
        """How much the voice drives the body now, [B, 1], from features [B, F] and before."""
        speech = 1 - torch.softmax(self.phones(features), dim=-1)[:, SILENCE, None]
        return voice + torch.where(speech > voice, _RISE, _FALL) * (speech - voice)
