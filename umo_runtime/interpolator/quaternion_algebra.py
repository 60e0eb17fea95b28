"""Quaternion operations on whole arrays, each in a handful of kernels.

Written out by component, as `nn.rotation` defines them, a product is some thirty operations in an
exported network, which cost more to start than to run. Here it is bilinear: one product with a
constant table. The tables are read off `nn.rotation`.
"""

import torch
from torch import Tensor, nn

from umo_runtime.nn.rotation import conjugate, multiply

_SHORTEST = 1e-6  # a vector below this length has no direction


def unit(x: Tensor) -> Tensor:
    """Vectors [..., N] at length 1; those next to zero stay as small as they are."""
    return x / x.norm(dim=-1, keepdim=True).clamp(min=_SHORTEST)


def turn_towards(previous: Tensor, following: Tensor, most_rad: Tensor) -> Tensor:
    """Rotations [..., 4] from `previous` to `following`, turned by `most_rad` at most.

    Args:
        previous: [..., 4] unit.
        following: [..., 4] unit.
        most_rad: [..., 1] in 0..pi.

    Returns:
        `following`, by the sign that is near `previous`, wherever it is within reach.
    """
    cosine = (previous * following).sum(dim=-1, keepdim=True)
    following = torch.where(cosine < 0, -following, following)
    aside = following - cosine.abs() * previous  # at right angles to `previous`
    sine, most_sine = aside.norm(dim=-1, keepdim=True), torch.sin(0.5 * most_rad)
    reached = torch.cos(0.5 * most_rad) * previous + most_sine / sine.clamp(min=1e-9) * aside
    return torch.where(sine > most_sine, unit(reached), following)


class QuaternionAlgebra(nn.Module):
    """Products and rotations of unit quaternions [..., 4] xyzw; holds the constants they need."""

    product: Tensor
    turning: Tensor
    arc: Tensor
    squares: Tensor
    squares_of_identity: Tensor
    places: Tensor
    identity: Tensor

    def __init__(self) -> None:
        super().__init__()
        one = torch.eye(4)
        table = multiply(one[:, None], one)  # [a, b, product]
        turning = _turning(table)
        constants = {
            "product": table.transpose(1, 2).reshape(4, 16),
            "turning": turning.reshape(16, 9),
            "arc": -table[:3, :3].transpose(0, 1).reshape(9, 4),
            "squares": _with_diagonal(_squares(turning, table[:3, :3, :3])),
            "squares_of_identity": _with_diagonal(one.flatten()),
            "places": torch.arange(4),
            "identity": one[3],
        }
        for name, value in constants.items():
            self.register_buffer(name, value.contiguous(), persistent=False)

    def multiply(self, a: Tensor, b: Tensor) -> Tensor:
        """Hamilton product: the rotation `b` followed by `a`."""
        return ((a @ self.product).unflatten(-1, (4, 4)) * b[..., None, :]).sum(dim=-1)

    def rotate(self, q: Tensor, vector: Tensor) -> Tensor:
        """Turn vectors [..., 3]."""
        matrix = (_outer(q, q) @ self.turning).unflatten(-1, (3, 3))
        return (matrix * vector[..., None, :]).sum(dim=-1)

    def shortest_arc(self, start: Tensor, end: Tensor) -> Tensor:
        """Smallest rotation that turns direction `start` into `end`, both [..., 3]."""
        return unit(_outer(unit(start), unit(end)) @ self.arc + self.identity)

    def from_six(self, six: Tensor) -> Tensor:
        """Quaternions of 6D rotations [..., 6].

        4 q q^T is linear in the rotation matrix; each of its rows is a multiple of q, the one with
        the largest diagonal is the best conditioned.
        """
        first, second = six[..., :3], six[..., 3:]
        first = unit(first)
        second = unit(second - (first * second).sum(dim=-1, keepdim=True) * first)
        terms = torch.cat((first, second, _outer(first, second)), dim=-1)
        squares = terms @ self.squares + self.squares_of_identity
        best = squares[..., 16:].argmax(dim=-1, keepdim=True) == self.places
        rows = squares[..., :16].unflatten(-1, (4, 4))
        return unit((rows * best[..., None]).sum(dim=-2))


def _outer(a: Tensor, b: Tensor) -> Tensor:
    return (a[..., :, None] * b[..., None, :]).flatten(-2)


def _turning(table: Tensor) -> Tensor:
    """Rotation matrix [4, 4, 3, 3] by pairs of a quaternion's components."""
    one = torch.eye(4)
    sandwich = torch.einsum("avc,cbr->abrv", table, conjugate(one) @ table)[..., :3, :3]
    return (sandwich + sandwich.transpose(0, 1)) / 2


def _squares(turning: Tensor, cross: Tensor) -> Tensor:
    """4 q q^T less the identity, [15, 16], by a matrix's first two columns and their outer product.

    The third column is the cross product of the two.
    """
    first, second, third = turning.flatten(0, 1).unbind(dim=-1)  # [16, 3] each
    return torch.cat((first.T, second.T, cross.reshape(9, 3) @ third.T))


def _with_diagonal(squares: Tensor) -> Tensor:
    """[..., 16] with the diagonal of the 4 x 4 matrix once more behind it, [..., 20]."""
    return torch.cat((squares, squares[..., ::5]), dim=-1)
