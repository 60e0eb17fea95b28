"""Body between keyframes: a cubic through their values and velocities."""

import torch
from torch import Tensor

from umo_runtime.tokenizer.pose import BODY_REGIONS, REGION_SLICES, VALUE_DIMS

BODY_DIM = sum(VALUE_DIMS[region] for region in BODY_REGIONS)


def body_values(pose: Tensor) -> tuple[Tensor, Tensor]:
    """Split pose vectors [..., P] into body values and velocities, [..., V] each."""
    values, velocities = [], []
    for region in BODY_REGIONS:
        value, velocity = pose[..., REGION_SLICES[region]].chunk(2, dim=-1)
        values.append(value)
        velocities.append(velocity)
    return torch.cat(values, dim=-1), torch.cat(velocities, dim=-1)


def hermite(previous: Tensor, following: Tensor, phase: Tensor) -> Tensor:
    """Body values [..., V] on the cubic through two keyframes' values and velocities.

    Args:
        previous: pose at phase 0, [..., P].
        following: pose at phase 1, [..., P].
        phase: [..., 1] in 0..1.
    """
    values, velocities = body_values(torch.stack((previous, following), dim=-2))
    p = phase[..., None]
    p2, p3 = p * p, p * p * p
    rise = 3 * p2 - 2 * p3
    curve = torch.cat((1 - rise, rise), dim=-2) * values
    bend = torch.cat((p3 - 2 * p2 + p, p3 - p2), dim=-2) * velocities
    return (curve + bend).sum(dim=-2)
