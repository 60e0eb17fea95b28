from itertools import pairwise

import pytest
import torch
from torch import Tensor

from umo_runtime.nn.residual_quantizer import ResidualQuantizer

LEVELS, CODES, DIM = 3, 16, 4


@pytest.fixture
def quantizer() -> ResidualQuantizer:
    torch.manual_seed(0)
    return ResidualQuantizer(LEVELS, CODES, DIM)


def _vectors(rows: int = 256) -> Tensor:
    """Four clouds, so that there is something to learn."""
    centres = torch.randn(4, DIM)
    return centres[torch.arange(rows) % 4] + 0.2 * torch.randn(rows, DIM)


def _trained(quantizer: ResidualQuantizer, vectors: Tensor, steps: int = 400) -> ResidualQuantizer:
    quantizer.train()
    for _ in range(steps):
        quantizer(vectors)
    return quantizer.eval()


def test_each_level_takes_the_code_nearest_to_what_is_left(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors() * 0.2
    codes = quantizer.eval()(vectors).codes
    residual = vectors
    for level, codebook in enumerate(quantizer.codebooks):
        torch.testing.assert_close(codes[:, level], torch.cdist(residual, codebook).argmin(dim=1))
        residual = residual - codebook[codes[:, level]]


def test_embed_of_the_codes_is_the_quantised_vector(quantizer: ResidualQuantizer) -> None:
    quantized = quantizer.eval()(torch.randn(2, 5, 3, DIM))
    assert quantized.codes.shape == (2, 5, 3, LEVELS)
    assert quantized.codes.dtype == torch.int64
    torch.testing.assert_close(quantizer.embed(quantized.codes), quantized.vectors)


def test_every_level_leaves_less_over(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors()
    codes = _trained(quantizer, vectors)(vectors).codes
    errors = [vectors.square().mean()]
    for levels in range(1, LEVELS + 1):
        books = quantizer.codebooks[:levels]
        coded = sum(book[codes[:, level]] for level, book in enumerate(books))
        errors.append((vectors - coded).square().mean())
    assert all(later < 0.7 * earlier for earlier, later in pairwise(errors))


def test_learning_moves_the_codebooks_towards_the_data(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors()
    before = (quantizer.eval()(vectors).vectors - vectors).square().mean()
    start = quantizer.codebooks.clone()
    _trained(quantizer, vectors)
    after = (quantizer(vectors).vectors - vectors).square().mean()
    assert after < 0.1 * before
    assert (quantizer.codebooks != start).flatten(1).any(dim=1).all()


def test_nothing_is_learned_in_evaluation(quantizer: ResidualQuantizer) -> None:
    before = {name: value.clone() for name, value in quantizer.state_dict().items()}
    quantizer.eval()(_vectors())
    assert all(torch.equal(value, before[name]) for name, value in quantizer.state_dict().items())


def test_a_code_is_the_mean_of_what_picks_it(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors()
    _trained(quantizer, vectors, 1000)
    codes, book = quantizer(vectors).codes[:, 0], quantizer.codebooks[0]
    for code in codes.unique():
        mean = vectors[codes == code].mean(dim=0)
        torch.testing.assert_close(book[code], mean, atol=2e-2, rtol=0)


def test_gradient_goes_straight_through(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors().requires_grad_()
    slope = torch.randn_like(vectors)
    quantizer.eval()(vectors).vectors.mul(slope).sum().backward()
    assert vectors.grad is not None
    torch.testing.assert_close(vectors.grad, slope)


def test_commitment_pulls_vectors_to_their_codes(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors().requires_grad_()
    quantized = quantizer.eval()(vectors)
    quantized.commitment.backward()
    assert vectors.grad is not None
    first = quantizer.codebooks[0][quantized.codes[:, 0]]
    away = (vectors - first).detach()
    assert ((vectors.grad * away).sum() > 0).all()
    on_a_code = quantizer.codebooks[0][:1]
    single = ResidualQuantizer(1, CODES, DIM).eval()
    single.codebooks.copy_(quantizer.codebooks[:1])
    assert single(on_a_code).commitment < 1e-12


def test_dead_codes_come_back_on_the_data(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors()
    quantizer.codebooks[0, 3] = 1e3  # never the nearest
    quantizer.sums[0, 3] = 1e3
    quantizer.uses[0, 3] = 0.05  # the next step that does not use it buries it
    quantizer.train()(vectors)
    assert (quantizer.codebooks[0, 3] == vectors).all(dim=1).any()
    assert quantizer.uses[0, 3] == 1


def test_codes_in_use_are_not_moved_by_the_reset(quantizer: ResidualQuantizer) -> None:
    vectors = _vectors()
    _trained(quantizer, vectors)
    codes = quantizer(vectors).codes[:, 0]
    busiest = codes.mode().values
    before = quantizer.codebooks[0, busiest].clone()
    quantizer.train()(vectors)
    assert (quantizer.codebooks[0, busiest] - before).norm() < 0.1
