"""From the microphone to the listener: its tone, clipping, narrow bands, coarse codes, losses."""

import math

import torch
from torch import Tensor

from umo_runtime.training.chance import chosen, uniform
from umo_runtime.training.spectrum import filtered, frequencies_hz, tilt
from umo_runtime.types import SAMPLE_RATE_HZ

_TONE_SHARE = 0.6
_TILT_DB_PER_OCTAVE = (-4.0, 4.0)
_BANDS_HZ = ((300.0, 3400.0), (0.0, 4000.0), (0.0, 6000.0))  # telephone, and two low rates
_BAND_SHARE = 0.3  # all of them together
_BAND_EDGE = 0.1  # of its frequency: how softly a band ends
_CLIPPING_SHARE = 0.1
_CLIPPING_AT = (0.3, 0.9)  # of the peak
_MU_LAW_SHARE = 0.15
_MU = 255.0
_LOSS_SHARE = 0.1
_LOSS_STARTS = (0.005, 0.03)  # chance of each block
_LOSS_BLOCK = SAMPLE_RATE_HZ // 100  # 10 ms
_LOSS_BLOCKS = 6


def transmit(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Pass speech [B, N] through a microphone and a line."""
    rows = len(samples)
    heard = filtered(samples, _response(samples, generator))
    at = uniform(rows, _CLIPPING_AT, generator)
    heard = torch.where(chosen(rows, _CLIPPING_SHARE, generator), clip(heard, at), heard)
    heard = torch.where(chosen(rows, _MU_LAW_SHARE, generator), mu_law(heard), heard)
    is_lost = _losses(heard, generator) & chosen(rows, _LOSS_SHARE, generator)
    return heard.masked_fill(is_lost, 0.0)


def clip(samples: Tensor, at: Tensor) -> Tensor:
    """Cut rows off at a share of their peak, [B, 1]."""
    limit = at * samples.abs().amax(dim=1, keepdim=True)
    return samples.clamp(-limit, limit)


def mu_law(samples: Tensor) -> Tensor:
    """Round to the 8 bits of ITU-T G.711."""
    clipped = samples.clamp(-1.0, 1.0)
    bent = clipped.sign() * torch.log1p(_MU * clipped.abs()) / math.log1p(_MU)
    coarse = (bent * 127).round() / 127
    return coarse.sign() * torch.expm1(coarse.abs() * math.log1p(_MU)) / _MU


def band(hz: Tensor, low_hz: float, high_hz: float) -> Tensor:
    """Response [F] of a band with soft ends."""
    above = torch.sigmoid((hz - low_hz) / (_BAND_EDGE * low_hz / 4)) if low_hz else 1.0
    return above * torch.sigmoid((high_hz - hz) / (_BAND_EDGE * high_hz / 4))


def _response(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Tone and bandwidth of each row's line, [B, F]."""
    rows = len(samples)
    hz = frequencies_hz(samples.shape[1], samples.device)
    slope = uniform(rows, _TILT_DB_PER_OCTAVE, generator) * chosen(rows, _TONE_SHARE, generator)
    draw = uniform(rows, (0.0, len(_BANDS_HZ) / _BAND_SHARE), generator).long()
    response = tilt(hz, slope)
    for number, (low_hz, high_hz) in enumerate(_BANDS_HZ):
        response = response * torch.where(draw == number, band(hz, low_hz, high_hz), 1.0)
    return response


def _losses(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Where packets are missing, [B, N] bool: 10 to 60 ms at a time."""
    rows, length = samples.shape
    size = (rows, -(-length // _LOSS_BLOCK))
    draws = torch.rand(2, *size, generator=generator, device=samples.device)
    starts = draws[0] < uniform(rows, _LOSS_STARTS, generator)
    blocks = 1 + (draws[1] * _LOSS_BLOCKS).long()
    is_lost = starts.clone()
    for later in range(1, _LOSS_BLOCKS):
        is_lost[:, later:] |= (starts & (blocks > later))[:, :-later]
    return is_lost.repeat_interleave(_LOSS_BLOCK, dim=1)[:, :length]
