"""What else a microphone hears: noise from hiss to rumble, mains hum, keys, other people."""

import math

import torch
from torch import Tensor

from umo_runtime.training.chance import chosen, uniform
from umo_runtime.training.spectrum import convolved, filtered, frequencies_hz, tilt
from umo_runtime.types import SAMPLE_RATE_HZ

# Each kind: share of the rows, and how far below the speech it lies.
_NOISE = (0.5, (0.0, 30.0))
_BABBLE = (0.25, (0.0, 25.0))
_KEYS = (0.1, (0.0, 30.0))
_HUM = (0.1, (5.0, 30.0))

_NOISE_DB_PER_OCTAVE = (-14.0, 2.0)
_MAINS_HZ = (50.0, 60.0)
_HARMONICS = 6
_KEYS_HZ = 5.0
_KEY_S = 0.02
_KEY_DECAY_S = 0.004
_TALKERS = 6
_TALKER_LEVELS = (0.3, 1.0)
_SILENCE = 1e-5  # level under which speech counts as this loud


def add_background(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Add what is drawn for each row of speech [B, N]."""
    sounds = (
        (noise(samples, generator), _NOISE),
        (babble(samples, generator), _BABBLE),
        (keys(samples, generator), _KEYS),
        (hum(samples, generator), _HUM),
    )
    heard = samples
    for sound, (share, limits_db) in sounds:
        snr_db = uniform(len(samples), limits_db, generator)
        heard = heard + at_snr(sound, samples, snr_db) * chosen(len(samples), share, generator)
    return heard


def level(samples: Tensor) -> Tensor:
    """Root mean square of each row, [B, 1], never quite zero."""
    return samples.square().mean(dim=1, keepdim=True).sqrt() + _SILENCE


def at_snr(sound: Tensor, speech: Tensor, snr_db: Tensor) -> Tensor:
    """A sound [B, N] so loud that speech [B, N] stands out by `snr_db` [B, 1]."""
    return sound * level(speech) / level(sound) * 10 ** (-snr_db / 20)


def noise(like: Tensor, generator: torch.Generator) -> Tensor:
    """Steady noise, anything from hiss to rumble, [B, N]."""
    white = torch.randn(like.shape, generator=generator, device=like.device)
    slope = uniform(len(like), _NOISE_DB_PER_OCTAVE, generator)
    return filtered(white, tilt(frequencies_hz(like.shape[1], like.device), slope))


def babble(voices: Tensor, generator: torch.Generator) -> Tensor:
    """For each row several of the other voices [B, N] at once, from elsewhere in their speech."""
    rows, length = voices.shape
    others = torch.zeros_like(voices)
    loudness = voices / level(voices)
    for talker in range(1, min(_TALKERS, rows - 1) + 1):
        away = int(torch.randint(length, (), generator=generator, device=voices.device))
        weight = uniform(rows, _TALKER_LEVELS, generator)
        others += weight * loudness.roll((talker, away), dims=(0, 1))
    return others


def keys(like: Tensor, generator: torch.Generator) -> Tensor:
    """Short clicks, as of a keyboard, [B, N]."""
    chance = torch.rand(like.shape, generator=generator, device=like.device)
    strength = 0.5 + torch.rand(like.shape, generator=generator, device=like.device)
    presses = strength * (chance < _KEYS_HZ / SAMPLE_RATE_HZ)
    time_s = torch.arange(int(_KEY_S * SAMPLE_RATE_HZ), device=like.device) / SAMPLE_RATE_HZ
    click = torch.randn(len(like), len(time_s), generator=generator, device=like.device)
    return convolved(presses, click * torch.exp(-time_s / _KEY_DECAY_S))


def hum(like: Tensor, generator: torch.Generator) -> Tensor:
    """Mains of 50 or 60 Hz with its harmonics, [B, N]."""
    rows = len(like)
    time_s = torch.arange(like.shape[1], device=like.device) / SAMPLE_RATE_HZ
    low, high = _MAINS_HZ
    base_hz = torch.where(chosen(rows, 0.5, generator), low, high)
    total = torch.zeros_like(like)
    for harmonic in range(1, _HARMONICS + 1):
        phase = uniform(rows, (0.0, 2 * math.pi), generator)
        strength = uniform(rows, (0.0, 1.0 / harmonic), generator)
        total += strength * torch.sin(2 * math.pi * harmonic * base_hz * time_s + phase)
    return total
