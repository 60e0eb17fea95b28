"""Planted feet: analytic two-bone inverse kinematics onto slowly moving anchors.

Decoded legs wobble by the grain of their tokens; a standing foot must not. Each ankle's anchor
follows the decoded ankle at a speed below what is seen as sliding, and the leg is solved onto it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from umo_runtime.interpolator.quaternion_algebra import QuaternionAlgebra, turn_towards, unit
from umo_runtime.nn.rotation import conjugate
from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M
from umo_runtime.types import FRAME_RATE_HZ

_MAX_STEP_M = 0.006 / FRAME_RATE_HZ
_MAX_TURN_RAD = 0.04 / FRAME_RATE_HZ
_REACH = 0.999  # of the full leg, so that the knee never locks
_PARTS = ("UpperLeg", "LowerLeg", "Foot", "Toes")
_LEGS = [BONE_INDEX[side + part] for side in ("Left", "Right") for part in _PARTS]
_FIRST, _END = _LEGS[0], _LEGS[-1] + 1  # legs are one run of bones, left before right
_HIPS = BONE_INDEX["Hips"]


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where the ankles stand: positions [B, 2, 3] in metres, global rotations [B, 2, 4]."""

    positions: Tensor
    rotations: Tensor


class Feet(nn.Module):
    """Solves both legs onto anchors. Left leg first wherever there are two."""

    offsets: Tensor
    lengths: Tensor
    max_turn: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.algebra = QuaternionAlgebra()
        offsets = torch.from_numpy(REST_OFFSETS_M[_LEGS]).unflatten(0, (2, len(_PARTS)))
        hip, thigh, shin = offsets[:, :3].unbind(dim=1)
        forward = torch.tensor([[0.0, 0.0, 0.02]])  # knees bend forward, for want of a better hint
        constants = {
            "offsets": torch.cat((hip, forward, thigh, shin)),
            "lengths": torch.stack((thigh, shin)).norm(dim=-1, keepdim=True),
            "max_turn": torch.tensor([_MAX_TURN_RAD]),
        }
        for name, value in constants.items():
            self.register_buffer(name, value, persistent=False)

    def forward(
        self, rotations: Tensor, root_position: Tensor, anchors: Anchors, fresh: Tensor
    ) -> tuple[Tensor, Anchors]:
        """Plant the feet of [B, 55, 4] local rotations whose hips are at [B, 3].

        Args:
            rotations: decoded pose.
            root_position: of the hips, metres.
            anchors: of the frame before.
            fresh: [B, 1] 1 on a stream's first frame: the anchors start where the feet are.

        Returns:
            Rotations with both legs solved, and the new anchors.
        """
        multiply, rotate = self.algebra.multiply, self.algebra.rotate
        hips = rotations[:, _HIPS : _HIPS + 1]
        thigh, shin, foot, toes = rotations[:, _FIRST:_END].unflatten(1, (2, -1)).unbind(dim=2)
        thigh = multiply(hips, thigh)
        shin = multiply(thigh, shin)
        foot = multiply(shin, foot)
        turns = torch.cat((hips, hips, hips, thigh, shin), dim=1)
        hip, forward, thigh_m, shin_m = rotate(turns, self.offsets).split((2, 1, 2, 2), dim=1)
        hip = root_position[:, None] + hip
        anchors = self._follow(anchors, Anchors(hip + thigh_m + shin_m, foot), fresh)

        new_thigh_m, new_shin_m = self._solve(anchors.positions - hip, thigh_m + forward)
        arcs = self.algebra.shortest_arc(
            torch.cat((thigh_m, shin_m), dim=1), torch.cat((new_thigh_m, new_shin_m), dim=1)
        )
        solved = multiply(arcs, torch.cat((thigh, shin), dim=1))
        parents = torch.cat((hips, hips, solved), dim=1)
        local = multiply(conjugate(parents), torch.cat((solved, anchors.rotations), dim=1))
        legs = torch.cat((local.unflatten(1, (3, 2)), toes[:, None]), dim=1)  # [B, part, side, 4]
        legs = legs.transpose(1, 2).flatten(1, 2)
        return torch.cat((rotations[:, :_FIRST], legs, rotations[:, _END:]), dim=1), anchors

    def _solve(self, reach: Tensor, bend: Tensor) -> tuple[Tensor, Tensor]:
        """Thigh and shin [B, 2, 3] of legs that reach from hip to ankle and bend towards `bend`."""
        thigh, shin = self.lengths
        distance = reach.norm(dim=-1, keepdim=True).clamp(min=0.1)
        along = reach / distance
        distance = torch.minimum(distance, _REACH * (thigh + shin))
        bend = unit(bend - (bend * along).sum(dim=-1, keepdim=True) * along)
        x = (thigh**2 - shin**2 + distance**2) / (2 * distance)
        height = (thigh**2 - x**2).clamp(min=0.0).sqrt()
        knee = x * along + height * bend
        return knee, distance * along - knee

    def _follow(self, old: Anchors, new: Anchors, fresh: Tensor) -> Anchors:
        step = new.positions - old.positions
        length = step.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        moved = old.positions + step * (_MAX_STEP_M / length).clamp(max=1.0)
        turned = turn_towards(old.rotations, new.rotations, self.max_turn)
        start = fresh[:, None] > 0
        return Anchors(
            torch.where(start, new.positions, moved), torch.where(start, new.rotations, turned)
        )
