"""Planted feet: analytic two-bone inverse kinematics onto slowly moving anchors.

Decoded legs wobble by the grain of their tokens; a standing foot must not. Each ankle's anchor
follows the decoded ankle at a speed below what is seen as sliding, and the leg is solved onto it.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.nn.rotation import conjugate, limit_turn, multiply, rotate, shortest_arc
from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M
from umo_runtime.types import FRAME_RATE_HZ

_MAX_STEP_M = 0.006 / FRAME_RATE_HZ
_MAX_TURN_RAD = 0.04 / FRAME_RATE_HZ
_REACH = 0.999  # of the full leg, so that the knee never locks
_SIDES = ("Left", "Right")
_HIPS = BONE_INDEX["Hips"]


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where the ankles stand: positions [B, 2, 3] in metres, global rotations [B, 2, 4]."""

    positions: Tensor
    rotations: Tensor


class Feet(nn.Module):
    """Solves both legs onto anchors. Left leg first wherever there are two."""

    thigh: Tensor
    shin: Tensor
    hip: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.bones = {
            part: [BONE_INDEX[f"{side}{part}"] for side in _SIDES]
            for part in ("UpperLeg", "LowerLeg", "Foot")
        }
        for name, part in (("hip", "UpperLeg"), ("thigh", "LowerLeg"), ("shin", "Foot")):
            offsets = torch.from_numpy(REST_OFFSETS_M[self.bones[part]])
            self.register_buffer(name, offsets, persistent=False)

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
        hips = rotations[:, _HIPS, None].expand(-1, 2, -1)
        thigh_turn = multiply(hips, rotations[:, self.bones["UpperLeg"]])
        shin_turn = multiply(thigh_turn, rotations[:, self.bones["LowerLeg"]])
        foot_turn = multiply(shin_turn, rotations[:, self.bones["Foot"]])
        hip = root_position[:, None] + rotate(hips, self.hip.expand_as(hips[..., :3]))
        knee = hip + rotate(thigh_turn, self.thigh.expand_as(hip))
        ankle = knee + rotate(shin_turn, self.shin.expand_as(hip))

        anchors = _follow(anchors, Anchors(ankle, foot_turn), fresh)
        new_knee, new_ankle = self._solve(hip, knee, anchors.positions, hips)
        thigh_turn = multiply(_arc(knee - hip, new_knee - hip), thigh_turn)
        shin_turn = multiply(_arc(ankle - knee, new_ankle - new_knee), shin_turn)
        legs = {
            "UpperLeg": multiply(conjugate(hips), thigh_turn),
            "LowerLeg": multiply(conjugate(thigh_turn), shin_turn),
            "Foot": multiply(conjugate(shin_turn), anchors.rotations),
        }
        return self._replace(rotations, legs), anchors

    def _solve(
        self, hip: Tensor, knee: Tensor, target: Tensor, hips: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Knee and reachable ankle of legs from `hip` to `target`, bending as they do now."""
        thigh, shin = self.thigh.norm(dim=-1)[:, None], self.shin.norm(dim=-1)[:, None]
        reach = target - hip
        distance = reach.norm(dim=-1, keepdim=True).clamp(min=0.1)
        along = reach / distance
        distance = torch.minimum(distance, _REACH * (thigh + shin))
        forward = rotate(hips, torch.tensor((0.0, 0.0, 0.02), device=hip.device).expand_as(hip))
        bend = knee - hip + forward
        bend = F.normalize(
            bend - (bend * along).sum(dim=-1, keepdim=True) * along, dim=-1, eps=1e-6
        )
        x = (thigh**2 - shin**2 + distance**2) / (2 * distance)
        height = (thigh**2 - x**2).clamp(min=0.0).sqrt()
        return hip + x * along + height * bend, hip + distance * along

    def _replace(self, rotations: Tensor, legs: dict[str, Tensor]) -> Tensor:
        columns = list(rotations.unbind(dim=1))
        for part, solved in legs.items():
            for side, bone in enumerate(self.bones[part]):
                columns[bone] = solved[:, side]
        return torch.stack(columns, dim=1)


def _arc(start: Tensor, end: Tensor) -> Tensor:
    return shortest_arc(F.normalize(start, dim=-1, eps=1e-6), F.normalize(end, dim=-1, eps=1e-6))


def _follow(old: Anchors, new: Anchors, fresh: Tensor) -> Anchors:
    step = new.positions - old.positions
    length = step.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    moved = old.positions + step * (_MAX_STEP_M / length).clamp(max=1.0)
    turned = limit_turn(old.rotations, new.rotations, _MAX_TURN_RAD)
    start = fresh[:, None] > 0
    return Anchors(
        torch.where(start, new.positions, moved), torch.where(start, new.rotations, turned)
    )
