"""Masked bands and moments of spectra, so that no phone is known by one sign alone.

Source: D. Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech
Recognition", Interspeech 2019.
"""

import torch
from torch import Tensor

_SHARE = 0.7  # of the rows that are masked
_MOST_BANDS = 9
_MOMENTS, _MOST_WINDOWS = 4, 12  # 12 windows are 0.1 s


def mask_spectrum(mel: Tensor, generator: torch.Generator) -> Tensor:
    """Set one band and four moments of most rows to their mean value, zero.

    Args:
        mel: [B, W, M] log-mel of W windows.
        generator: on the same device.
    """
    batch, windows, bands = mel.shape
    band = _spans(batch, 1, bands, _MOST_BANDS, generator)
    moments = _spans(batch, _MOMENTS, windows, _MOST_WINDOWS, generator)
    chosen = torch.rand(batch, 1, 1, generator=generator, device=mel.device) < _SHARE
    return mel.masked_fill(chosen & (band[:, None] | moments[:, :, None]), 0.0)


def _spans(batch: int, count: int, size: int, longest: int, generator: torch.Generator) -> Tensor:
    """Where `count` random spans lie, [B, size] bool."""
    device = generator.device
    longest = min(longest, size)
    length = torch.randint(longest, (batch, count, 1), generator=generator, device=device)
    first = torch.randint(size - longest + 1, (batch, count, 1), generator=generator, device=device)
    place = torch.arange(size, device=device)
    return ((place >= first) & (place < first + length)).any(dim=1)
