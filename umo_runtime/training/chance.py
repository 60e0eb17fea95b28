"""Draws for the rows of a batch, on the device of the generator."""

import torch
from torch import Tensor


def uniform(rows: int, limits: tuple[float, float], generator: torch.Generator) -> Tensor:
    """One number per row within limits, [B, 1]."""
    low, high = limits
    unit = torch.rand(rows, 1, generator=generator, device=generator.device)
    return low + (high - low) * unit


def chosen(rows: int, share: float, generator: torch.Generator) -> Tensor:
    """Which rows something happens to, [B, 1] bool."""
    return torch.rand(rows, 1, generator=generator, device=generator.device) < share
