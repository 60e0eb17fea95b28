"""Small rooms: the direct sound, a few early reflections, a tail that dies away."""

import math

import torch
from torch import Tensor

from umo_runtime.training.chance import chosen, uniform
from umo_runtime.training.spectrum import convolved
from umo_runtime.types import SAMPLE_RATE_HZ

_SHARE = 0.35
_LENGTH_S = 0.4
_REVERB_TIME_S = (0.08, 0.6)  # until the tail is 60 dB down
_WET = (0.05, 0.5)  # echo's level, the direct sound's being 1
_NUM_REFLECTIONS = 8
_REFLECTIONS_S = (0.001, 0.05)
_REFLECTED = 3.0  # of the tail's own level, at most


def add_echo(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Put some rows of speech [B, N] into a room; the direct sound stays where it was."""
    echo = convolved(samples, _echo(len(samples), generator))
    return samples + echo * chosen(len(samples), _SHARE, generator)


def _echo(rows: int, generator: torch.Generator) -> Tensor:
    """Impulse responses [B, L] without the direct sound."""
    device = generator.device
    time_s = torch.arange(int(_LENGTH_S * SAMPLE_RATE_HZ), device=device) / SAMPLE_RATE_HZ
    echo = torch.randn(rows, len(time_s), generator=generator, device=device)
    echo[:, : int(_REFLECTIONS_S[0] * SAMPLE_RATE_HZ)] = 0.0
    draws = torch.rand(2, rows, _NUM_REFLECTIONS, generator=generator, device=device)
    first, last = (limit * SAMPLE_RATE_HZ for limit in _REFLECTIONS_S)
    at = (first + (last - first) * draws[0]).long()
    strength = _REFLECTED * math.sqrt(len(time_s) / _NUM_REFLECTIONS)
    echo.scatter_add_(1, at, strength * (2 * draws[1] - 1))
    echo = echo * torch.exp(-math.log(1000.0) * time_s / uniform(rows, _REVERB_TIME_S, generator))
    wet = uniform(rows, _WET, generator)
    return wet * echo / echo.square().sum(dim=1, keepdim=True).sqrt()
