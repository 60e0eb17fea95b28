import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.nn.causal_conv import CausalConv, convolve

TOLERANCE = 1e-6  # a convolution may add in another order on a stretch of another length


@st.composite
def convolutions(draw: st.DrawFn) -> CausalConv:
    stride = draw(st.integers(1, 3))
    kernel = draw(st.integers(stride, 5))
    torch.manual_seed(draw(st.integers(0, 99)))
    return CausalConv(3, 4, kernel, stride, draw(st.integers(1, 4)))


def _offline(conv: CausalConv, x: Tensor) -> Tensor:
    return conv(x, conv.initial_context(len(x)))[0]


@given(convolutions(), st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_streamed_in_any_chunks_equals_offline(conv: CausalConv, chunks: list[int]) -> None:
    sizes = [chunk * conv.conv.stride[0] for chunk in chunks]
    x = torch.randn(2, 3, sum(sizes))
    context, pieces = conv.initial_context(2), []
    for piece in x.split(sizes, dim=2):
        out, context = conv(piece, context)
        pieces.append(out)
    torch.testing.assert_close(
        torch.cat(pieces, dim=2), _offline(conv, x), atol=TOLERANCE, rtol=TOLERANCE
    )


@given(convolutions(), st.integers(1, 8), st.integers(1, 8))
def test_output_does_not_see_later_input(conv: CausalConv, before: int, after: int) -> None:
    stride = conv.conv.stride[0]
    x = torch.randn(1, 3, (before + after) * stride)
    changed = x.clone()
    changed[:, :, before * stride :] += 1
    first, second = _offline(conv, x), _offline(conv, changed)
    assert first.shape == (1, 4, before + after)
    torch.testing.assert_close(first[:, :, :before], second[:, :, :before])


@given(convolutions(), st.integers(1, 4))
def test_context_is_the_last_inputs(conv: CausalConv, steps: int) -> None:
    x = torch.randn(2, 3, steps * conv.conv.stride[0])
    context = conv.initial_context(2)
    assert not context.any()
    _, after = conv(x, context)
    assert after.shape == context.shape
    shown = min(x.shape[2], after.shape[2])
    assert torch.equal(after[:, :, after.shape[2] - shown :], x[:, :, x.shape[2] - shown :])


@pytest.mark.parametrize("row", [0, 1])
def test_rows_do_not_influence_one_another(row: int) -> None:
    torch.manual_seed(0)
    conv = CausalConv(3, 4, 3, dilation=2)
    x = torch.randn(2, 3, 7)
    alone = _offline(conv, x[row : row + 1])
    torch.testing.assert_close(_offline(conv, x)[row : row + 1], alone)


@given(st.integers(1, 2), st.integers(1, 4), st.integers(1, 3), st.sampled_from([1, 2]))
def test_few_outputs_are_those_of_the_convolution(
    outputs: int, kernel: int, dilation: int, stride: int
) -> None:
    torch.manual_seed(kernel)
    conv = torch.nn.Conv1d(3, 5, kernel, stride, dilation=dilation)
    x = torch.randn(2, 3, (kernel - 1) * dilation + 1 + (outputs - 1) * stride)
    torch.testing.assert_close(convolve(conv, x), conv(x))
