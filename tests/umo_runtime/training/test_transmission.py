import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.training.transmission import _losses, band, clip, mu_law, transmit

TELEPHONE = (300.0, 3400.0)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def runs(mask: Tensor) -> list[int]:
    """Lengths of the stretches of True in one row."""
    edges = torch.cat([torch.zeros(1), mask.float(), torch.zeros(1)]).diff()
    return ((edges < 0).nonzero() - (edges > 0).nonzero()).flatten().tolist()


@given(st.floats(-1, 1))
def test_mu_law_is_coarse_but_close(value: float) -> None:
    (coded,) = mu_law(torch.tensor([value]))
    assert abs(coded - value) <= 0.025 * abs(value) + 1e-4


def test_mu_law_has_255_values() -> None:
    assert len(mu_law(torch.linspace(-1.5, 1.5, 100_000)).unique()) == 255


def test_bands_keep_what_is_inside_and_end_softly() -> None:
    hz = torch.tensor([50.0, 200.0, 500.0, 1000.0, 3000.0, 3800.0, 6000.0])
    response = band(hz, *TELEPHONE)
    assert (response[2:5] > 0.98).all()
    assert (response[[0, 1, 5, 6]] < 0.02).all()
    assert band(torch.zeros(1), 0.0, 4000.0) > 0.999


def test_clipping_is_at_a_share_of_the_peak() -> None:
    clipped = clip(torch.tensor([[0.2, -0.8, 0.5]]), torch.tensor([[0.5]]))
    torch.testing.assert_close(clipped, torch.tensor([[0.2, -0.4, 0.4]]))


def test_losses_last_10_to_60_ms_and_are_rare() -> None:
    is_lost = _losses(torch.zeros(50, 48_000), seeded(0))
    lengths = [length for row in is_lost for length in runs(row)]
    assert all(length % 160 == 0 for length in lengths)
    assert min(lengths) == 160
    assert sorted(lengths)[len(lengths) * 9 // 10] <= 960  # two may follow one another
    assert 0.005 < is_lost.float().mean() < 0.15


def test_some_lines_lose_speech_and_most_do_not() -> None:
    speech = torch.randn(300, 4800, generator=seeded(1)).clamp(-0.9, 0.9)
    silent = (transmit(speech, seeded(2)) == 0).view(300, -1, 160).all(dim=2).any(dim=1)
    assert 0.01 < silent.float().mean() < 0.12
