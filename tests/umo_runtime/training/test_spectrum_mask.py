import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.spectrum_mask import mask_spectrum


def masked(batch: int, windows: int, bands: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return mask_spectrum(torch.ones(batch, windows, bands), generator)


@given(st.integers(1, 4), st.integers(1, 40), st.integers(1, 20), st.integers(0, 99))
def test_any_spectrum_keeps_its_shape_and_the_rest_of_its_values(
    batch: int, windows: int, bands: int, seed: int
) -> None:
    out = masked(batch, windows, bands, seed)
    assert out.shape == (batch, windows, bands)
    assert set(out.unique().tolist()) <= {0.0, 1.0}
    assert torch.equal(out, masked(batch, windows, bands, seed))


def test_most_rows_lose_a_little() -> None:
    out = masked(200, 576, 64)
    lost = 1 - out.mean(dim=(1, 2))
    assert 0.5 < (lost > 0).float().mean() < 0.8
    assert lost.max() < 0.25


def test_a_mask_is_a_band_or_a_moment() -> None:
    rows = masked(50, 100, 64)
    bands, moments = (rows == 0).all(dim=1), (rows == 0).all(dim=2)
    assert torch.equal(rows == 0, bands[:, None] | moments[:, :, None])
