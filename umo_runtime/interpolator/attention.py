"""Looking at something: eyes first, then neck and head, while the eyes turn back.

The gaze jumps to its target. What lies beyond the eye-only range the head takes over, in about
0.4 s, and the eyes counter-rotate so that the gaze stays (vestibulo-ocular reflex). Nods and
accents of the head go on meanwhile; the eyes make up for them.

Sources: D. Guitton and M. Volle, "Gaze control in humans", J. Neurophysiology 1987 (order of eyes
and head, range of the eyes); E. Freedman and D. Sparks, "Eye-head coordination during
head-unrestrained gaze shifts", J. Neurophysiology 1997 (the head's share beyond a threshold);
J. Youdas et al., "Normal range of motion of the cervical spine", Physical Therapy 1992 (some 70
degrees to either side and 50 or more up and down, of which gaze uses less).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from umo_runtime.controls import GAZE_PITCH, GAZE_WEIGHT, GAZE_YAW, SADNESS
from umo_runtime.interpolator.gaze import EYE_RANGE_RAD, eye_rotation
from umo_runtime.interpolator.quaternion_algebra import QuaternionAlgebra
from umo_runtime.nn.rotation import conjugate
from umo_runtime.types import FRAME_RATE_HZ

HEAD_RANGE_RAD = (math.radians(65.0), math.radians(40.0))  # yaw, pitch; neck and head together
_EYE_ONLY_RAD = math.radians(12.0)  # targets this near need no head
_FOLLOWS = 1 - math.exp(-1 / (0.085 * FRAME_RATE_HZ))  # per frame, twice: 0.4 s to 95 %
_DROOP_RAD = math.radians(8.0)  # how far a sad head sinks
_NECK = 0.5  # of the head's turn
_LEAST_FORWARD = 0.05  # keeps the angles of what lies behind finite


@dataclass(frozen=True, slots=True)
class Look:
    """Neck and head [B, 4] each, local, and the eyes' yaw and pitch in the head, [B, 2]."""

    neck: Tensor
    head: Tensor
    gaze_rad: Tensor


class Attention(nn.Module):
    """Turns neck, head and eyes to a gaze target. Angles are yaw and pitch [..., 2], see `gaze`."""

    head_range: Tensor
    droop: Tensor
    ahead: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.algebra = QuaternionAlgebra()
        constants = {
            "head_range": HEAD_RANGE_RAD,
            "droop": (0.0, -_DROOP_RAD),
            "ahead": (0.0, 0.0, 1.0),
        }
        for name, values in constants.items():
            self.register_buffer(name, torch.tensor(values), persistent=False)

    def forward(
        self, own: Look, controls: Tensor, head_turn: Tensor, is_first: Tensor
    ) -> tuple[Look, Tensor]:
        """Look at the target of eased controls [B, CONTROL_DIM].

        Args:
            own: where the character looks of itself.
            controls: eased.
            head_turn: two stages of the head's turn a frame ago, [B, 2, 2].
            is_first: [B, 1] true on a stream's first frame.

        Returns:
            Where it looks now and the new `head_turn`. Without a target that is `own`.
        """
        weight = controls[:, GAZE_WEIGHT : GAZE_WEIGHT + 1]
        target = controls[:, GAZE_YAW : GAZE_PITCH + 1]
        sadness = controls[:, SADNESS : SADNESS + 1]
        line = self.algebra.multiply(own.neck, own.head)
        angles = self._direction(line)
        beyond_eyes = target - angles
        beyond_eyes = beyond_eyes - beyond_eyes.clamp(-_EYE_ONLY_RAD, _EYE_ONLY_RAD)
        goal = weight * beyond_eyes + (1 - weight) * sadness * self.droop
        least = (-self.head_range - angles).clamp(max=0.0)
        most = (self.head_range - angles).clamp(min=0.0)
        head_turn = _follow(head_turn, _within(goal, least, most), is_first)
        turn = _within(head_turn[:, 1], least, most)
        neck, head, line = self._turn_head(own, line, angles, turn)
        to_target = self.algebra.multiply(conjugate(line), eye_rotation(target))
        eyes = self._direction(to_target).clamp(-EYE_RANGE_RAD, EYE_RANGE_RAD)
        return Look(neck, head, own.gaze_rad + weight * (eyes - own.gaze_rad)), head_turn

    def _turn_head(
        self, own: Look, line: Tensor, angles: Tensor, turn: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Neck, head and the head's rotation in the chest, [B, 4] each, turned by [B, 2] more.

        Args:
            own: neck and head as they are.
            line: the head's rotation in the chest as it is, [B, 4].
            angles: where that points, [B, 2].
            turn: exactly so much further it shall point.
        """
        multiply = self.algebra.multiply
        here, there, part = eye_rotation(
            torch.stack((angles, angles + turn, _NECK * turn), dim=1)
        ).unbind(dim=1)
        line = multiply(multiply(there, conjugate(here)), line)
        neck = multiply(part, own.neck)
        head = multiply(conjugate(neck), line)
        stays = (turn == 0).all(dim=-1, keepdim=True)  # then exactly
        return neck, torch.where(stays, own.head, head), line

    def _direction(self, rotation: Tensor) -> Tensor:
        """Yaw and pitch [..., 2] to which rotations [..., 4] turn what looked ahead."""
        x, y, z = self.algebra.rotate(rotation, self.ahead).split(1, dim=-1)
        yaw = torch.atan(x / z.clamp(min=_LEAST_FORWARD))
        return torch.cat((yaw, torch.asin(y.clamp(-1.0, 1.0))), dim=-1)


def _within(turn: Tensor, least: Tensor, most: Tensor) -> Tensor:
    return torch.minimum(torch.maximum(turn, least), most)


def _follow(last: Tensor, goal: Tensor, is_first: Tensor) -> Tensor:
    """Two followers in a row, [B, 2, 2]: the second sets off and arrives gently."""
    first = last[:, 0] + _FOLLOWS * (goal - last[:, 0])
    second = last[:, 1] + _FOLLOWS * (first - last[:, 1])
    both, at_once = torch.stack((first, second), dim=1), torch.stack((goal, goal), dim=1)
    return torch.where(is_first[..., None], at_once, both)
