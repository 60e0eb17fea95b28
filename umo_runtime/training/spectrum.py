"""Zero-phase filters and convolutions of a batch by Fourier transform."""

import torch
from torch import Tensor

from umo_runtime.types import SAMPLE_RATE_HZ

_LOWEST_HZ = 50.0  # a tilt goes on no further
_PIVOT_HZ = 1000.0


def frequencies_hz(length: int, device: torch.device) -> Tensor:
    """Frequencies of the transform of `length` samples, [F]."""
    return torch.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ, device=device)


def tilt(hz: Tensor, db_per_octave: Tensor) -> Tensor:
    """Response [B, F] that rises by so much an octave, [B, 1], and is 1 at 1 kHz."""
    octaves = torch.log2(hz.clamp(min=_LOWEST_HZ) / _PIVOT_HZ)
    return 10 ** (db_per_octave * octaves / 20)


def filtered(samples: Tensor, response: Tensor) -> Tensor:
    """Samples [B, N] through a real response [B, F]: nothing moves in time."""
    return torch.fft.irfft(torch.fft.rfft(samples) * response, samples.shape[1])


def convolved(samples: Tensor, impulse_response: Tensor) -> Tensor:
    """Samples [B, N] through impulse responses [B, L], cut to N."""
    size = samples.shape[1] + impulse_response.shape[1]
    product = torch.fft.rfft(samples, size) * torch.fft.rfft(impulse_response, size)
    return torch.fft.irfft(product, size)[:, : samples.shape[1]]
