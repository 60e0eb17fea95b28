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
    (start, start_speed), (end, end_speed) = body_values(previous), body_values(following)
    p, p2, p3 = phase, phase * phase, phase * phase * phase
    return (
        (2 * p3 - 3 * p2 + 1) * start
        + (p3 - 2 * p2 + p) * start_speed
        + (3 * p2 - 2 * p3) * end
        + (p3 - p2) * end_speed
    )


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
        keys = torch.cat(
            ((previous - self.mean) / self.scale, (following - self.mean) / self.scale), dim=-1
        )
        sound = torch.cat((features, phase, phase * phase), dim=-1)
        hidden = F.gelu(self.hidden(F.gelu(self.keyframes(keys) + self.sound(sound))))
        return 4 * phase * (1 - phase) * _RESIDUAL_LIMIT * torch.tanh(self.output(hidden))
