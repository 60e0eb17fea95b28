"""A body that holds while the voice rests.

Speakers freeze a gesture in a pause and go on with it, or let it sink, afterwards (post-stroke
hold: D. McNeill, "Hand and Mind", 1992). Keyframes are decided before a pause is heard; this layer
hears it at frame rate. In silence trunk, arms and hands may only turn very slowly, in speech as
fast as people do. The hips, which only ever sway, always follow smoothly, so that the grain of
their tokens is not seen.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.nn.rotation import limit_turn
from umo_runtime.skeleton import BONES, REGION_BONES, Region
from umo_runtime.tokenizer.phones import PHONES, SILENCE
from umo_runtime.types import FRAME_RATE_HZ

MAX_TURN_RAD_PER_S = 14.0
_HELD_RAD_PER_S = 0.04  # three joints of an arm then move a wrist by about 5 cm/s
_SWAY = 0.2  # share of the way to their curve that the hips take per frame
_RISE, _FALL = 0.15, 0.8  # how fast the voice takes over and lets go, per frame
_FREE = ("Neck", "Head")  # nods and glances go on in pauses


class Hold(nn.Module):
    """Bounds how fast bones turn, by the voice."""

    held: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.phones = nn.Linear(features, len(PHONES))
        held = {*REGION_BONES[Region.UPPER], *REGION_BONES[Region.HANDS]}
        held -= {BONES.index(name) for name in _FREE}
        mask = torch.tensor([[float(bone in held)] for bone in range(len(BONES))])
        self.register_buffer("held", mask, persistent=False)

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
        sway = _SWAY * (0.1 + 0.9 * voice)
        hips = _blend(last[0][:, 0], rotations[:, 0], sway)
        rotations = torch.cat((hips[:, None], rotations[:, 1:]), dim=1)
        # Cubed: a body that was held sets off gently.
        silence = self.held * (1 - voice**3)[:, None]
        speed = MAX_TURN_RAD_PER_S + silence * (_HELD_RAD_PER_S - MAX_TURN_RAD_PER_S)
        return (
            limit_turn(last[0], rotations, speed / FRAME_RATE_HZ),
            torch.lerp(last[1], root, sway),
        )

    def hear(self, features: Tensor, voice: Tensor) -> Tensor:
        """How much the voice drives the body now, [B, 1], from features [B, F] and before."""
        speech = 1 - torch.softmax(self.phones(features), dim=-1)[:, SILENCE, None]
        return voice + torch.where(speech > voice, _RISE, _FALL) * (speech - voice)


def _blend(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Rotation [B, 4] a share [B, 1] of the short way from `start` to `end`."""
    end = torch.where((start * end).sum(dim=-1, keepdim=True) < 0, -end, end)
    return F.normalize(torch.lerp(start, end, share), dim=-1)
