"""Streaming audio tokenizer: raw windows to frame-rate features and audio tokens.

A causal convolution encoder on log-mel at 120 Hz comes out at 30 Hz, one step per motion frame.
The continuous features feed the interpolator's lips; their residual codes feed the predictor.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.nn.causal_conv import CausalConv, convolve
from umo_runtime.nn.log_mel import LogMel
from umo_runtime.nn.module_list import TypedModuleList
from umo_runtime.nn.residual_quantizer import ResidualQuantizer

_DILATIONS = (1, 2, 4)
_DROPOUT = 0.2  # in training: a few hours of speech are learnt by heart otherwise


class _Block(nn.Module):
    """Residual dilated convolution."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)  # over channels: a norm over time would look ahead
        self.conv = CausalConv(channels, channels, 3, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, x: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        hidden, context = self.conv(self.norm(x.transpose(1, 2)).transpose(1, 2), context)
        return x + self.dropout(convolve(self.mix, F.gelu(hidden))), context


class AudioTokenizer(nn.Module):
    """Windows [B, 4 T, 400] to codes [B, T, Q] and features [B, T, F], with streaming state."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.audio_channels
        self.log_mel = LogMel(config.num_mels)
        self.down = TypedModuleList[CausalConv](
            (
                CausalConv(config.num_mels, channels, 5, stride=2),
                CausalConv(channels, channels, 4, stride=2),
            )
        )
        self.blocks = TypedModuleList[_Block](
            _Block(channels, _DILATIONS[index % len(_DILATIONS)])
            for index in range(config.audio_blocks)
        )
        self.to_code = nn.Linear(channels, config.code_dim)
        self.quantizer = ResidualQuantizer(config.audio_levels, config.audio_codes, config.code_dim)

    def initial_state(self, batch: int) -> tuple[Tensor, ...]:
        """Return the state of streams that have heard nothing."""
        convs = (*self.down, *(block.conv for block in self.blocks))
        return tuple(conv.initial_context(batch) for conv in convs)

    def encode(
        self, windows: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Continuous features [B, T, F] of windows [B, 4 T, 400], and the state after them."""
        return self.encode_mel(self.log_mel(windows), state)

    def encode_mel(
        self, mel: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """As `encode`, from log-mel [B, 4 T, M]."""
        x, contexts = mel.transpose(1, 2), []
        for layer, context in zip((*self.down, *self.blocks), state, strict=True):
            x, after = layer(x, context)
            contexts.append(after)
            if isinstance(layer, CausalConv):
                x = F.gelu(x)
        return x.transpose(1, 2), tuple(contexts)

    def forward(self, windows: Tensor, *state: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """Tokenize one frame step.

        Args:
            windows: [B, 4, 400] samples in -1..1.
            state: see `initial_state`.

        Returns:
            codes [B, Q], features [B, F] and the new state.
        """
        features, after = self.encode(windows, state)
        last = features[:, -1]
        return self.quantizer(self.to_code(last)).codes, last, after
