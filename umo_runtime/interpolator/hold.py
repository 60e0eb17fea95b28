"""A body that holds while the voice rests.

Speakers freeze a gesture in a pause and go on with it, or let it sink, afterwards (post-stroke
hold: D. McNeill, "Hand and Mind", 1992). Keyframes are decided before a pause is heard; this layer
hears it at frame rate. In silence trunk, arms and hands may only turn very slowly, in speech as
fast as people do. The hips, which only ever sway, always follow smoothly, so that the grain of
their tokens is not seen.
"""

import torch
from torch import Tensor, nn

from umo_runtime.interpolator.quaternion_algebra import unit
from umo_runtime.skeleton import BONES, REGION_BONES, UPPER_BODY_BONES, Region
from umo_runtime.tokenizer.phones import PHONES, SILENCE
from umo_runtime.types import FRAME_RATE_HZ

MAX_TURN_RAD_PER_S = 14.0
_HELD_RAD_PER_S = 0.04  # three joints of an arm then move a wrist by about 5 cm/s
_SWAY = 0.2  # share of the way to their curve that the hips take per frame
_RISE, _FALL = 0.15, 0.8  # how fast the voice takes over and lets go, per frame
_FREE = ("Neck", "Head")  # nods and glances go on in pauses


class Hold(nn.Module):
    """Bounds how fast bones turn, by the voice: [B, 1], 0 in silence to 1 in speech."""

    held: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.phones = nn.Linear(features, len(PHONES))
        held = {*UPPER_BODY_BONES, *REGION_BONES[Region.HANDS]}
        held -= {BONES.index(name) for name in _FREE}
        mask = torch.tensor([[float(bone in held)] for bone in range(len(BONES))])
        self.register_buffer("held", mask, persistent=False)

    def said(self, features: Tensor) -> Tensor:
        """How likely each phone is being said, [B, 40], by features [B, F]."""
        return torch.softmax(self.phones(features), dim=-1)

    def hear(self, said: Tensor, voice: Tensor) -> Tensor:
        """How much the voice drives the body now, [B, 1], from phones [B, 40] and before."""
        speech = 1 - said[:, SILENCE, None]
        return voice + torch.where(speech > voice, _RISE, _FALL) * (speech - voice)

    def sway(
        self, hips: Tensor, root: Tensor, last: tuple[Tensor, Tensor], voice: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Follow the hips' rotation [B, 4] and position [B, 3] from the same a frame ago."""
        share = _SWAY * (0.1 + 0.9 * voice)
        last_hips, last_root = last
        near = torch.where((last_hips * hips).sum(dim=-1, keepdim=True) < 0, -hips, hips)
        hips = unit(last_hips + share * (near - last_hips))
        return hips, last_root + share * (root - last_root)

    def most_turn_rad(self, voice: Tensor) -> Tensor:
        """How far each bone may turn within a frame, [B, 55, 1]."""
        # Cubed: a body that was held sets off gently.
        silence = self.held * (1 - voice**3)[:, None]
        speed = MAX_TURN_RAD_PER_S + silence * (_HELD_RAD_PER_S - MAX_TURN_RAD_PER_S)
        return speed / FRAME_RATE_HZ
