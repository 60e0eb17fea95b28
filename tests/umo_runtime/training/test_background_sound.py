from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.training.background_sound import (
    add_background,
    at_snr,
    babble,
    hum,
    keys,
    level,
    noise,
)

ROWS, SAMPLES = 6, 8000
KINDS = (noise, babble, keys, hum)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def voices(seed: int = 0) -> Tensor:
    return 0.1 * torch.randn(ROWS, SAMPLES, generator=seeded(seed))


def energy_share(sound: Tensor, below_hz: float) -> Tensor:
    power = torch.fft.rfft(sound).abs().square()
    edge = int(below_hz * sound.shape[1] / 16_000)
    return power[:, :edge].sum(dim=1) / power.sum(dim=1)


@given(st.integers(0, 1000), st.floats(-5, 30))
@pytest.mark.parametrize("kind", KINDS)
def test_speech_stands_out_by_what_was_drawn(
    kind: Callable[[Tensor, torch.Generator], Tensor], seed: int, snr_db: float
) -> None:
    speech = voices(seed)
    made = kind(speech, seeded(seed))
    sound = at_snr(made, speech, torch.full((ROWS, 1), snr_db))
    assert sound.shape == speech.shape
    is_there = level(made)[:, 0] > 1e-2  # half a second may pass without a key
    assert is_there.any()
    measured_db = (20 * torch.log10(level(speech) / level(sound)))[is_there]
    torch.testing.assert_close(measured_db, torch.full_like(measured_db, snr_db), atol=0.05, rtol=0)


@pytest.mark.parametrize("rows", [2, 3, 6])
def test_babble_is_made_of_the_others_alone(rows: int) -> None:
    """Every row has a frequency of its own, which must be missing in its babble."""
    bins = torch.arange(100, 100 + rows)
    time = torch.arange(SAMPLES) / SAMPLES
    tones = torch.sin(2 * torch.pi * bins[:, None] * time)
    power = torch.fft.rfft(babble(tones, seeded(1))).abs().square()[:, bins]
    own = power.diagonal()
    assert (own < 1e-4 * power.amax(dim=1)).all()
    assert ((power > 1e-2 * power.amax(dim=1, keepdim=True)).sum(dim=1) == rows - 1).all()


def test_a_voice_alone_hears_no_babble() -> None:
    assert not babble(voices()[:1], seeded(0)).any()


def test_noise_reaches_from_hiss_to_rumble() -> None:
    like = torch.zeros(200, SAMPLES)
    share = energy_share(noise(like, seeded(0)), below_hz=200)
    assert share.max() > 0.9
    assert share.min() < 0.05


def test_hum_is_mains() -> None:
    like = torch.zeros(40, 16_000)
    strongest_hz = torch.fft.rfft(hum(like, seeded(0))).abs().argmax(dim=1)
    assert ((strongest_hz % 50 == 0) | (strongest_hz % 60 == 0)).all()
    assert energy_share(hum(like, seeded(0)), below_hz=361).min() > 0.999


def test_keys_are_short_and_rare() -> None:
    sound = keys(torch.zeros(20, 16_000), seeded(3))
    is_loud = sound.abs() > 0.1 * sound.abs().amax()
    assert 0 < is_loud.float().mean() < 0.05


def test_kinds_are_rare_enough_to_hear_some_rows_alone() -> None:
    speech = voices()
    same = [(add_background(speech, seeded(n)) == speech).all(dim=1) for n in range(40)]
    assert 0.15 < torch.stack(same).float().mean() < 0.5
