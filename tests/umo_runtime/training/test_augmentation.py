import pytest
import torch
from torch import Tensor

from umo_runtime.training.augmentation import augment

SAMPLES = 16_000
ROWS = 12


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(level: float, seed: int = 99) -> Tensor:
    return torch.randn(ROWS, SAMPLES, generator=seeded(seed)) * level


def impulses(seed: int) -> Tensor:
    """Clicks at random places, a different train in every row."""
    return (torch.rand(ROWS, SAMPLES, generator=seeded(seed)) < 0.002).float() * 0.5


def level(samples: Tensor) -> Tensor:
    return samples.square().mean(dim=1).sqrt()


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Circular cross-correlation [B, N] by lag: b later than a by n is a peak at n."""
    return torch.fft.irfft(torch.fft.rfft(a).conj() * torch.fft.rfft(b), SAMPLES)


def test_a_generator_decides_everything() -> None:
    samples = noise(0.1)
    global_state = torch.random.get_rng_state()
    once, again, other = (augment(samples, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(once, again)
    assert not torch.allclose(once, other)
    assert torch.equal(torch.random.get_rng_state(), global_state)


def test_the_input_is_left_alone() -> None:
    samples = noise(0.1)
    before = samples.clone()
    augment(samples, seeded())
    assert torch.equal(samples, before)


@pytest.mark.parametrize("volume", [0.0, 1e-5, 0.01, 0.3, 1.0])
def test_whatever_comes_out_is_audio(volume: float) -> None:
    for seed in range(4):
        heard = augment(noise(volume).clamp(-1, 1), seeded(seed))
        assert heard.shape == (ROWS, SAMPLES)
        assert heard.isfinite().all()
        assert heard.abs().max() <= 1.0


def test_silence_stays_next_to_silent() -> None:
    for seed in range(8):
        assert augment(torch.zeros(ROWS, SAMPLES), seeded(seed)).abs().max() < 1e-3


@pytest.mark.parametrize("seed", range(6))
def test_sound_does_not_move_in_time(seed: int) -> None:
    clicks = impulses(seed)
    heard = augment(clicks, seeded(100 + seed))
    assert correlation(clicks, heard).argmax(dim=1).tolist() == [0] * ROWS


def test_levels_vary_within_what_microphones_do() -> None:
    time_s = torch.arange(SAMPLES) / 16_000
    voice = (0.05 * torch.sin(2 * torch.pi * 1000 * time_s)).expand(ROWS, -1)
    heard = torch.cat([augment(voice, seeded(seed)) for seed in range(10)])
    gain_db = 20 * torch.log10(level(heard) / level(voice[:1]))
    assert gain_db.min() > -27
    assert gain_db.max() < 16
    assert gain_db.max() - gain_db.min() > 15
    assert -12 < gain_db.mean() < 0


def test_some_speech_is_heard_clean_and_some_is_buried_in_noise() -> None:
    clean = noise(0.05)
    heard = torch.cat([augment(clean, seeded(seed)) for seed in range(10)])
    original = clean.repeat(10, 1)
    likeness = (heard * original).mean(dim=1) / (level(heard) * level(original))
    assert likeness.max() > 0.999
    assert likeness.min() < 0.9
    assert likeness.min() > 0.1


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_are_enough(rows: int) -> None:
    heard = augment(noise(0.1)[:rows], seeded())
    assert heard.shape == (rows, SAMPLES)
    assert heard.isfinite().all()
