"""Body between keyframes: cubic Hermite curve plus a learned residual conditioned on the sound."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES, VALUE_DIMS

_RESIDUAL_LIMIT = 0.2  # 6D units; keeps the learned part from inventing motion
BODY_DIM = sum(VALUE_DIMS[region] for region in BODY_REGIONS)


def body_values(pose: Tensor) -> tuple[Tensor, Tensor]:
    """Split pose vectors [..., P] into body values and velocities, [..., V] each."""
    values, velocities = [], []
    for region in BODY_REGIONS:
        value, velocity = pose[..., REGION_SLICES[region]].chunk(2, dim=-1)
        values.append(value)
        velocities.append(velocity)
    return torch.cat(values, dim=-1), torch.cat(velocities, dim=-1)


def hermite(previous: Tensor, following: Tensor, phase: Tensor) -> Tensor:
    """Body values [..., V] on the cubic through two keyframes' values and velocities.

    Args:
        previous: pose at phase 0, [..., P].
        following: pose at phase 1, [..., P].
        phase: [..., 1] in 0..1.
    """
    values, velocities = body_values(torch.stack((previous, following), dim=-2))
    p = phase[..., None]
    p2, p3 = p * p, p * p * p
    rise = 3 * p2 - 2 * p3
    curve = torch.cat((1 - rise, rise), dim=-2) * values
    bend = torch.cat((p3 - 2 * p2 + p, p3 - p2), dim=-2) * velocities
    return (curve + bend).sum(dim=-2)


class BodyNetwork(nn.Module):
    """Dense body values; equal to the keyframes at phases 0 and 1."""

    mean: Tensor
    scale: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(POSE_DIM))
        self.register_buffer("scale", torch.ones(POSE_DIM))
        width = config.residual_hidden
        self.keyframes = nn.Linear(2 * POSE_DIM, width)
        self.sound = nn.Linear(config.audio_channels + 2, width)
        self.hidden = nn.Linear(width, width)
        self.output = nn.Linear(width, BODY_DIM)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(
        self, previous: Tensor, following: Tensor, phase: Tensor, features: Tensor
    ) -> Tensor:
        """Body values [..., V] at `phase` [..., 1] between poses [..., P], heard [..., F]."""
        return hermite(previous, following, phase) + self.residual(
            previous, following, phase, features
        )

    def residual(
        self, previous: Tensor, following: Tensor, phase: Tensor, features: Tensor
    ) -> Tensor:
        """The learned part of `forward`; zero at the keyframes."""
        keys = (torch.stack((previous, following), dim=-2) - self.mean) / self.scale
        sound = torch.cat((features, phase, phase * phase), dim=-1)
        hidden = F.gelu(self.hidden(F.gelu(self.keyframes(keys.flatten(-2)) + self.sound(sound))))
        return 4 * phase * (1 - phase) * _RESIDUAL_LIMIT * torch.tanh(self.output(hidden))
