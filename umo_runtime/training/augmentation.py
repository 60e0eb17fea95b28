"""Targeted audio augmentation: what microphones, rooms and streams do to a voice.

All on the device, batched, from an explicit generator: gain, additive noise of several colours,
babble of the other voices of the batch, small rooms, microphone tilt and band limits.
"""

import math

import torch
from torch import Tensor

from umo_runtime.types import SAMPLE_RATE_HZ

_GAIN_DB = (-20.0, 8.0)
_NOISE_SNR_DB = (0.0, 40.0)
_BABBLE_SNR_DB = (5.0, 25.0)
_NOISE_SHARE, _BABBLE_SHARE, _ROOM_SHARE, _FILTER_SHARE = 0.6, 0.2, 0.3, 0.6
_ROOM_S = 0.4
_REVERB_TIME_S = (0.08, 0.5)
_TILT_DB_PER_OCTAVE = (-4.0, 4.0)


def augment(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Distort speech [B, N] without moving it in time.

    Args:
        samples: about -1..1.
        generator: on the same device.
    """
    if not len(samples):
        return samples  # the transform of no rows is an error
    heard = _room(samples, generator)
    heard = _microphone(heard, generator)
    heard = heard + _noise(heard, generator) + _babble(heard, generator)
    gain_db = _uniform(len(samples), _GAIN_DB, generator)
    return (heard * 10 ** (gain_db / 20)).clamp(-1.0, 1.0)


def _uniform(batch: int, limits: tuple[float, float], generator: torch.Generator) -> Tensor:
    low, high = limits
    unit = torch.rand(batch, 1, generator=generator, device=generator.device)
    return low + (high - low) * unit


def _chosen(batch: int, share: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(batch, 1, generator=generator, device=generator.device) < share).float()


def _level(samples: Tensor) -> Tensor:
    return samples.square().mean(dim=1, keepdim=True).sqrt() + 1e-5


def _shaped(noise: Tensor, db_per_octave: Tensor) -> Tensor:
    """Colour white noise or speech [B, N] by a tilt around 1 kHz."""
    spectrum = torch.fft.rfft(noise)
    hz = torch.fft.rfftfreq(noise.shape[1], 1 / SAMPLE_RATE_HZ, device=noise.device)
    octaves = torch.log2(hz.clamp(min=50.0) / 1000.0)
    return torch.fft.irfft(spectrum * 10 ** (db_per_octave * octaves / 20), noise.shape[1])


def _noise(samples: Tensor, generator: torch.Generator) -> Tensor:
    white = torch.randn(samples.shape, generator=generator, device=samples.device)
    coloured = _shaped(white, _uniform(len(samples), (-6.0, 0.0), generator))
    snr_db = _uniform(len(samples), _NOISE_SNR_DB, generator)
    chosen = _chosen(len(samples), _NOISE_SHARE, generator)
    return chosen * coloured / _level(coloured) * _level(samples) * 10 ** (-snr_db / 20)


def _babble(samples: Tensor, generator: torch.Generator) -> Tensor:
    others = sum(samples.roll(shift, dims=0).roll(1777 * shift, dims=1) for shift in (1, 2, 3, 5))
    assert isinstance(others, Tensor)
    snr_db = _uniform(len(samples), _BABBLE_SNR_DB, generator)
    chosen = _chosen(len(samples), _BABBLE_SHARE, generator)
    return chosen * others / _level(others) * _level(samples) * 10 ** (-snr_db / 20)


def _room(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Convolve with a direct sound and an exponentially decaying tail."""
    length = int(_ROOM_S * SAMPLE_RATE_HZ)
    time_s = torch.arange(length, device=samples.device) / SAMPLE_RATE_HZ
    reverb_s = _uniform(len(samples), _REVERB_TIME_S, generator)
    tail = torch.randn(len(samples), length, generator=generator, device=samples.device)
    tail = tail * torch.exp(-math.log(1000.0) * time_s / reverb_s)
    wet = 0.5 * _uniform(len(samples), (0.1, 1.0), generator)
    tail = tail * wet / tail.square().sum(dim=1, keepdim=True).sqrt()
    tail[:, 0] = 1.0
    size = samples.shape[1] + length
    spectrum = torch.fft.rfft(samples, size) * torch.fft.rfft(tail, size)
    reverberant = torch.fft.irfft(spectrum, size)[:, : samples.shape[1]]
    return torch.lerp(samples, reverberant, _chosen(len(samples), _ROOM_SHARE, generator))


def _microphone(samples: Tensor, generator: torch.Generator) -> Tensor:
    tilted = _shaped(samples, _uniform(len(samples), _TILT_DB_PER_OCTAVE, generator))
    return torch.lerp(samples, tilted, _chosen(len(samples), _FILTER_SHARE, generator))
