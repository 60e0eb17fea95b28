import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.nn.window_attention import WindowAttention, write_ring

WIDTH, GROUP, WINDOW = 16, 3, 4
STEPS = 2 * WINDOW + 3
TOLERANCE = 1e-5


@pytest.fixture(scope="module", params=[(4, 4), (4, 2), (2, 1)], ids=str)
def attention(request: pytest.FixtureRequest) -> WindowAttention:
    torch.manual_seed(0)
    layer = WindowAttention(WIDTH, *request.param, GROUP, WINDOW)
    torch.nn.init.normal_(layer.age_bias)
    return layer.requires_grad_(False)


def _tokens(rows: int, steps: int = STEPS, seed: int = 0) -> Tensor:
    return torch.randn(rows, steps * GROUP, WIDTH, generator=torch.Generator().manual_seed(seed))


def _step(
    attention: WindowAttention, x: Tensor, rings: tuple[Tensor, Tensor], position: Tensor
) -> Tensor:
    """One step, and its keys and values written into the rings."""
    out, *written = attention.step(x, *rings, position)
    for ring, part in zip(rings, written, strict=True):
        write_ring(ring, part, position)
    return out


def _streamed(attention: WindowAttention, x: Tensor, rings: tuple[Tensor, Tensor]) -> Tensor:
    outputs = []
    for step, tokens in enumerate(x.split(GROUP, dim=1)):
        outputs.append(_step(attention, tokens, rings, torch.full((len(x),), step)))
    return torch.cat(outputs, dim=1)


def _assert_close(actual: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(actual, expected, atol=TOLERANCE, rtol=TOLERANCE)


def test_step_by_step_equals_the_whole_sequence(attention: WindowAttention) -> None:
    x = _tokens(2)
    _assert_close(_streamed(attention, x, attention.initial_rings(2)), attention(x))


def test_position_zero_hides_whatever_the_ring_holds(attention: WindowAttention) -> None:
    x = _tokens(2)
    keys, values = (1e3 * torch.randn_like(ring) for ring in attention.initial_rings(2))
    assert torch.equal(
        _streamed(attention, x, (keys, values)),
        _streamed(attention, x, attention.initial_rings(2)),
    )


@given(starts=st.lists(st.integers(0, 2 * WINDOW), min_size=2, max_size=5))
def test_rows_that_start_at_different_times_are_independent(starts: list[int]) -> None:
    torch.manual_seed(0)
    attention = WindowAttention(WIDTH, 4, 2, GROUP, WINDOW).requires_grad_(False)
    torch.nn.init.normal_(attention.age_bias)
    x = _tokens(len(starts))
    expected = attention(x)
    keys, values = (torch.randn_like(ring) for ring in attention.initial_rings(len(starts)))
    for tick in range(max(starts) + STEPS):
        ages = torch.tensor([tick - start for start in starts])
        position = ages.clamp(min=0)  # rows that wait write rubbish at position 0
        here = [slice(step * GROUP, (step + 1) * GROUP) for step in position.clamp(max=STEPS - 1)]
        tokens = torch.stack([row[place] for row, place in zip(x, here, strict=True)])
        out = _step(attention, tokens, (keys, values), position)
        for row, age in enumerate(ages.tolist()):
            if 0 <= age < STEPS:
                _assert_close(out[row], expected[row, here[row]])


def test_tokens_of_a_step_see_each_other_and_no_later_step(attention: WindowAttention) -> None:
    x = _tokens(1)
    changed = x.clone()
    changed[:, 3 * GROUP + GROUP - 1] += 1  # last token of step 3
    moved = (attention(changed) - attention(x)).abs().amax(dim=2)[0].view(STEPS, GROUP) > 1e-6
    assert not moved[:3].any()
    assert moved[3 : 3 + WINDOW].all()
    assert not moved[3 + WINDOW :].any()  # out of the window


def test_every_age_has_its_own_bias(attention: WindowAttention) -> None:
    x = _tokens(1, steps=WINDOW)
    with torch.enable_grad():
        bias = attention.age_bias.clone().requires_grad_()
        out = torch.func.functional_call(attention, {"age_bias": bias}, (x,))
        out[:, -GROUP:].square().sum().backward()
    assert bias.grad is not None
    assert (bias.grad.abs() > 1e-7).all()


def test_a_step_only_reads_the_rings(attention: WindowAttention) -> None:
    rings = attention.initial_rings(2)
    before = [ring.normal_().clone() for ring in rings]
    _, *written = attention.step(_tokens(2, steps=1), *rings, torch.tensor([1, WINDOW + 2]))
    for ring, kept, part in zip(rings, before, written, strict=True):
        assert torch.equal(ring, kept)
        assert part.shape == ring[:, :, 0].shape


@given(
    position=st.lists(st.integers(0, 3 * WINDOW), min_size=1, max_size=4), heads=st.integers(1, 3)
)
def test_a_written_ring_changes_one_step_and_nothing_else(position: list[int], heads: int) -> None:
    ring = torch.randn(len(position), heads, WINDOW, GROUP, 5)
    written = torch.randn(len(position), heads, GROUP, 5)
    expected = ring.clone()
    for row, step in enumerate(position):
        expected[row, :, step % WINDOW] = written[row]
    write_ring(ring, written, torch.tensor(position))
    assert torch.equal(ring, expected)


def test_a_ring_of_half_precision_takes_what_a_step_hands_back() -> None:
    ring = torch.zeros(1, 1, WINDOW, GROUP, 2, dtype=torch.bfloat16)
    written = torch.full((1, 1, GROUP, 2), 0.5)
    write_ring(ring, written, torch.tensor([1]))
    assert ring.dtype == torch.bfloat16
    assert ring.sum() == 0.5 * written.numel()


def test_a_stream_may_run_for_ever(attention: WindowAttention) -> None:
    position = torch.tensor([2**40 * WINDOW + 1])
    rings = attention.initial_rings(1)
    out, *_ = attention.step(_tokens(1, steps=1), *rings, position)
    assert out.isfinite().all()
