import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.umo_runtime.predictor.tiny_networks import TINY, tiny_predictor
from umo_runtime.config import NUM_REGIONS
from umo_runtime.predictor.in_step import InStepDecoder, _draw

POSITIONS = NUM_REGIONS * TINY.motion_levels
ROWS = 5
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def decoder() -> InStepDecoder:
    return tiny_predictor().in_step


def _inputs(seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """States, codebooks and uniforms."""
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(ROWS, NUM_REGIONS, TINY.d_model, generator=generator),
        torch.randn(POSITIONS, TINY.motion_codes, TINY.code_dim, generator=generator),
        torch.rand(ROWS, POSITIONS, generator=generator),
    )


def _sample(decoder: InStepDecoder, inputs: tuple[Tensor, Tensor, Tensor], min_p: float) -> Tensor:
    return decoder.sample(*inputs, torch.linspace(0.8, 1.2, POSITIONS), min_p)


@pytest.mark.parametrize("seed", range(4))
def test_teacher_forced_scores_at_the_drawn_codes_repeat_the_draws(
    decoder: InStepDecoder, seed: int
) -> None:
    states, books, uniforms = _inputs(seed)
    codes = _sample(decoder, (states, books, uniforms), 0.02)
    logits = decoder(states, books[torch.arange(POSITIONS), codes])
    assert logits.shape == (ROWS, POSITIONS, TINY.motion_codes)
    logits = logits / torch.linspace(0.8, 1.2, POSITIONS)[:, None]
    again = [_draw(logits[:, p], uniforms[:, p], 0.02) for p in range(POSITIONS)]
    assert torch.equal(torch.stack(again, dim=1), codes)
    assert len(codes.unique()) > 8


def test_scores_depend_on_the_codes_before_and_no_others(decoder: InStepDecoder) -> None:
    states, books, _ = _inputs()
    vectors = books[torch.arange(POSITIONS), 0].expand(ROWS, -1, -1)
    for position in range(POSITIONS):
        changed = vectors.clone()
        changed[:, position] += 1
        moved = (decoder(states, changed) - decoder(states, vectors)).abs().amax(dim=(0, 2))
        assert moved[: position + 1].max() < TOLERANCE
        assert (moved[position + 1 :] > 1e-4).all()


def test_rows_are_independent(decoder: InStepDecoder) -> None:
    inputs = states, books, uniforms = _inputs()
    codes = _sample(decoder, inputs, 0.02)
    for row in range(ROWS):
        alone = (states[row : row + 1], books, uniforms[row : row + 1])
        assert torch.equal(_sample(decoder, alone, 0.02)[0], codes[row])


def test_the_same_numbers_give_the_same_codes_and_others_do_not(decoder: InStepDecoder) -> None:
    states, books, uniforms = _inputs()
    codes = _sample(decoder, (states, books, uniforms), 0.0)
    assert torch.equal(_sample(decoder, (states, books, uniforms), 0.0), codes)
    assert not torch.equal(_sample(decoder, (states, books, 1 - uniforms), 0.0), codes)


def test_a_cold_temperature_takes_the_likeliest_code(decoder: InStepDecoder) -> None:
    states, books, uniforms = _inputs()
    codes = decoder.sample(states, books, uniforms, torch.full((POSITIONS,), 1e-4), 0.0)
    logits = decoder(states, books[torch.arange(POSITIONS), codes])
    assert torch.equal(logits.argmax(dim=-1), codes)


def test_draws_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.1, 0.4, 0.05, 0.25, 0.2])
    uniform = (torch.arange(10_000) + 0.5) / 10_000
    codes = _draw(probabilities.log().expand(len(uniform), -1), uniform, 0.0)
    shares = codes.bincount(minlength=5) / len(uniform)
    torch.testing.assert_close(shares, probabilities, atol=1e-3, rtol=0)
    assert (codes.diff() >= 0).all()  # the inverse of a cumulative distribution rises


def test_min_p_never_draws_the_unlikely_and_keeps_the_rest_in_proportion() -> None:
    probabilities = torch.tensor([0.04, 0.4, 0.03, 0.33, 0.2])
    uniform = (torch.arange(10_000) + 0.5) / 10_000
    codes = _draw(probabilities.log().expand(len(uniform), -1), uniform, 0.25)
    shares = codes.bincount(minlength=5) / len(uniform)
    kept = torch.tensor([0.0, 0.4, 0.0, 0.33, 0.2]) / 0.93
    torch.testing.assert_close(shares, kept, atol=1e-3, rtol=0)


@given(
    seed=st.integers(0, 999),
    uniform=st.sampled_from([0.0, 1e-9, 0.5, 1 - 2**-24, 1.0]),
    min_p=st.sampled_from([0.0, 0.02, 0.5]),
)
def test_a_drawn_code_is_always_one_that_min_p_keeps(
    seed: int, uniform: float, min_p: float
) -> None:
    logits = 6 * torch.randn(16, 32, generator=torch.Generator().manual_seed(seed))
    probabilities = torch.softmax(logits, dim=-1)
    codes = _draw(logits, torch.full((16,), uniform), min_p)
    drawn = probabilities.gather(1, codes[:, None])[:, 0]
    assert (drawn >= min_p * probabilities.amax(dim=-1)).all()
    assert (drawn > 0).all()
