"""Motion tokenizer: residual codes of each region's keyframe pose and velocity."""

import torch
from torch import Tensor, nn

from umo_runtime.config import NUM_REGIONS, ModelConfig
from umo_runtime.nn.module_list import TypedModuleList
from umo_runtime.nn.residual_quantizer import Quantized, ResidualQuantizer
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.pose import POSE_DIM, REGION_DIMS, REGION_SLICES


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.GELU(),
        nn.Linear(hidden, hidden),
        nn.GELU(),
        nn.Linear(hidden, outputs),
    )


class MotionTokenizer(nn.Module):
    """Pose vectors [..., P] to codes [..., R, Q] and back. Regions are coded apart.

    Attributes:
        mean: [P] of the training poses.
        scale: [P] spread of the training poses.
        rest: [P] a pose to start streams with.
    """

    mean: Tensor
    scale: Tensor
    rest: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(POSE_DIM))
        self.register_buffer("scale", torch.ones(POSE_DIM))
        self.register_buffer("rest", torch.zeros(POSE_DIM))
        self.encoders = TypedModuleList[nn.Sequential](
            _mlp(REGION_DIMS[region], config.motion_hidden, config.code_dim) for region in Region
        )
        self.decoders = TypedModuleList[nn.Sequential](
            _mlp(config.code_dim, config.motion_hidden, REGION_DIMS[region]) for region in Region
        )
        self.quantizers = TypedModuleList[ResidualQuantizer](
            ResidualQuantizer(config.motion_levels, config.motion_codes, config.code_dim)
            for _ in Region
        )

    def quantize(self, pose: Tensor) -> list[Quantized]:
        """Code each region of poses [..., P] (trains the codebooks in training mode)."""
        normal = (pose - self.mean) / self.scale
        return [
            self.quantizers[region](self.encoders[region](normal[..., REGION_SLICES[region]]))
            for region in Region
        ]

    def encode(self, pose: Tensor) -> Tensor:
        """Codes [..., R, Q] of poses [..., P]."""
        return torch.stack([region.codes for region in self.quantize(pose)], dim=-2)

    def embed(self, codes: Tensor) -> Tensor:
        """Summed code vectors [..., R, D] of codes [..., R, Q]."""
        return torch.stack(
            [self.quantizers[r].embed(codes[..., r, :]) for r in range(NUM_REGIONS)], dim=-2
        )

    def decode_vectors(self, vectors: Tensor) -> Tensor:
        """Poses [..., P] of code vectors [..., R, D]."""
        parts = [self.decoders[region](vectors[..., region, :]) for region in Region]
        return torch.cat(parts, dim=-1) * self.scale + self.mean

    def forward(self, codes: Tensor) -> Tensor:
        """Poses [..., P] of codes [..., R, Q]."""
        return self.decode_vectors(self.embed(codes))
