"""Rotations as networks like them (6D) and as engines like them (quaternions xyzw).

Source of 6D: Zhou et al., "On the Continuity of Rotation Representations in Neural Networks", 2019.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def matrix_from_6d(six: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] whose first two columns span the given pair, [..., 6]."""
    first = F.normalize(six[..., :3], dim=-1, eps=1e-6)
    second = six[..., 3:] - (first * six[..., 3:]).sum(dim=-1, keepdim=True) * first
    second = F.normalize(second, dim=-1, eps=1e-6)
    return torch.stack((first, second, cross(first, second)), dim=-1)


def six_from_quaternion(q: Tensor) -> Tensor:
    """First two columns [..., 6] of the rotation matrices of unit quaternions [..., 4]."""
    x, y, z, w = q.unbind(dim=-1)
    return torch.stack(
        (
            1 - 2 * (y * y + z * z),
            2 * (x * y + z * w),
            2 * (x * z - y * w),
            2 * (x * y - z * w),
            1 - 2 * (x * x + z * z),
            2 * (y * z + x * w),
        ),
        dim=-1,
    )


def quaternion_from_matrix(m: Tensor) -> Tensor:
    """Unit quaternions [..., 4] xyzw of rotation matrices [..., 3, 3].

    Branch-free: all four classic formulas are evaluated and the best conditioned one is kept.
    """
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    a, b, c = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    xy, xz, yz = (
        m[..., 0, 1] + m[..., 1, 0],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 1, 2] + m[..., 2, 1],
    )
    squares = torch.stack((1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz))
    rows = torch.stack(
        (
            torch.stack((squares[0], xy, xz, a), dim=-1),
            torch.stack((xy, squares[1], yz, b), dim=-1),
            torch.stack((xz, yz, squares[2], c), dim=-1),
            torch.stack((a, b, c, squares[3]), dim=-1),
        )
    )
    best = F.one_hot(squares.argmax(dim=0), 4).movedim(-1, 0).unsqueeze(-1).to(rows.dtype)
    return F.normalize((rows * best).sum(dim=0), dim=-1)


def cross(a: Tensor, b: Tensor) -> Tensor:
    """Cross product of [..., 3] vectors, in operations every exporter knows."""
    ax, ay, az = a.unbind(dim=-1)
    bx, by, bz = b.unbind(dim=-1)
    return torch.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), dim=-1)


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """Hamilton product [..., 4]: the rotation `b` followed by `a`."""
    av, aw, bv, bw = a[..., :3], a[..., 3:], b[..., :3], b[..., 3:]
    vector = aw * bv + bw * av + cross(av, bv)
    return torch.cat((vector, aw * bw - (av * bv).sum(dim=-1, keepdim=True)), dim=-1)


def conjugate(q: Tensor) -> Tensor:
    """Inverse of unit quaternions [..., 4]."""
    return torch.cat((-q[..., :3], q[..., 3:]), dim=-1)


def rotate(q: Tensor, vector: Tensor) -> Tensor:
    """Turn vectors [..., 3] by unit quaternions [..., 4]."""
    twice = 2 * cross(q[..., :3], vector)
    return vector + q[..., 3:] * twice + cross(q[..., :3], twice)


def shortest_arc(start: Tensor, end: Tensor) -> Tensor:
    """Smallest rotation [..., 4] that turns direction `start` into `end`, both unit [..., 3].

    Undefined for exactly opposite directions, which no joint reaches.
    """
    scalar = 1 + (start * end).sum(dim=-1, keepdim=True)
    return F.normalize(torch.cat((cross(start, end), scalar), dim=-1), dim=-1, eps=1e-6)


def limit_turn(previous: Tensor, following: Tensor, max_angle_rad: float | Tensor) -> Tensor:
    """Follow `following` from `previous`, [..., 4] each, but turn by `max_angle_rad` at most.

    The bound is one number, or [..., 1] numbers above zero.
    """
    cosine = (previous * following).sum(dim=-1, keepdim=True)
    following = torch.where(cosine < 0, -following, following)
    chord, bisector = following - previous, following + previous
    half_angle = 2 * torch.atan2(
        chord.norm(dim=-1, keepdim=True), bisector.norm(dim=-1, keepdim=True)
    )
    share = (0.5 * max_angle_rad / half_angle.clamp(min=1e-6)).clamp(max=1.0)
    turn_by, rest = torch.sin(share * half_angle), torch.sin((1 - share) * half_angle)
    turned = F.normalize(rest * previous + turn_by * following, dim=-1, eps=1e-6)
    return torch.where(share < 1, turned, following)
