"""Lips from sound: frame-rate audio features to the mouth blendshapes."""

import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.config import ModelConfig
from umo_runtime.nn.causal_conv import CausalConv

_DROPOUT = 0.2  # in training


class MouthNetwork(nn.Module):
    """Causal network over features at 30 Hz; the features already hold the look-ahead."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.conv = CausalConv(config.audio_channels, config.face_hidden, 3)
        self.hidden = nn.Linear(config.face_hidden, config.face_hidden)
        self.output = nn.Linear(config.face_hidden, len(MOUTH_CHANNELS))
        self.dropout = nn.Dropout(_DROPOUT)

    def initial_context(self, batch: int) -> Tensor:
        """Return the context of a stream that has heard nothing."""
        return self.conv.initial_context(batch)

    def forward(self, features: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Mouth values [B, T, M] of features [B, T, F], not yet clipped to 0..1."""
        x, context = self.conv(features.transpose(1, 2), context)
        x = F.gelu(self.hidden(self.dropout(F.gelu(x.transpose(1, 2)))))
        return self.output(x), context
