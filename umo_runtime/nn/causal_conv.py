"""Causal 1-D convolution whose streamed output equals its offline output.

The left context is the whole state: zeros at the start of a stream, then the last inputs seen.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_FEW = 2  # outputs of a streamed step


class CausalConv(nn.Module):
    """Convolution over time that never looks ahead.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: taps; at least `stride`.
        stride: input steps per output step; the input length must be a multiple of it.
        dilation: spacing of the taps.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, dilation=dilation)
        self.context_shape = (inputs, (kernel - 1) * dilation + 1 - stride)

    def initial_context(self, batch: int) -> Tensor:
        """Return the context of a stream that has heard nothing, [B, C, K]."""
        return self.conv.weight.new_zeros(batch, *self.context_shape)

    def forward(self, x: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Convolve a stretch of any length.

        Args:
            x: [B, C, T].
            context: [B, C, K] inputs just before `x`.

        Returns:
            [B, C', T / stride] and the context for the next stretch.
        """
        x = torch.cat((context, x), dim=2)
        return convolve(self.conv, x), x[:, :, x.shape[2] - context.shape[2] :]


def convolve(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """Apply a convolution without padding to [B, C, T].

    Few outputs are products of matrices, which a CPU does for all rows at once; the convolution of
    ONNX Runtime goes through its weights once for each row.
    """
    (kernel,), (stride,), (dilation,) = conv.kernel_size, conv.stride, conv.dilation
    span = (kernel - 1) * dilation + 1
    starts = range(0, x.shape[2] - span + 1, stride)
    if len(starts) > _FEW:
        convolved: Tensor = conv(x)
        return convolved
    weight = conv.weight.flatten(1)
    taps = [x[:, :, start : start + span : dilation].flatten(1) for start in starts]
    return torch.stack([F.linear(each, weight, conv.bias) for each in taps], dim=2)
