"""Residual vector quantisation with moving-average codebooks and dead-code reset.

Sources: Zeghidour et al., "SoundStream", 2021 (residual levels); van den Oord et al., "Neural
Discrete Representation Learning", 2017, appendix A.1 (moving averages).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_DECAY = 0.99
_DEAD_USES = 0.05  # a code picked less often than this per batch is given a new place


@dataclass(frozen=True, slots=True)
class Quantized:
    """Result of quantising [..., D] vectors.

    Attributes:
        vectors: [..., D], the straight-through sum of the chosen codes.
        codes: [..., Q] int64.
        commitment: scalar loss that keeps the encoder near its codes.
    """

    vectors: Tensor
    codes: Tensor
    commitment: Tensor


class ResidualQuantizer(nn.Module):
    """Q codebooks of K codes; each level codes what the levels before it left over."""

    codebooks: Tensor
    uses: Tensor
    sums: Tensor

    def __init__(self, levels: int, codes: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("codebooks", torch.randn(levels, codes, dim) * 0.1)
        self.register_buffer("uses", torch.ones(levels, codes))
        self.register_buffer("sums", self.codebooks.clone())

    def forward(self, vectors: Tensor) -> Quantized:
        """Quantise; in training mode the codebooks move towards what they were picked for."""
        flat = vectors.reshape(-1, vectors.shape[-1])
        residual, total, chosen = flat, torch.zeros_like(flat), []
        commitment = flat.new_zeros(())
        for level in range(self.codebooks.shape[0]):
            codebook = self.codebooks[level]
            codes = self._nearest(residual.detach(), codebook)
            picked = F.embedding(codes, codebook)
            commitment = commitment + F.mse_loss(residual, picked.detach())
            if self.training:
                self._learn(level, residual.detach(), codes)
            total = total + picked
            residual = residual - picked.detach()
            chosen.append(codes)
        straight = flat + (total - flat).detach()
        return Quantized(
            straight.view_as(vectors),
            torch.stack(chosen, dim=-1).view(*vectors.shape[:-1], -1),
            commitment,
        )

    def embed(self, codes: Tensor) -> Tensor:
        """Sum the code vectors of [..., Q] codes into [..., D]."""
        parts = [F.embedding(codes[..., q], self.codebooks[q]) for q in range(codes.shape[-1])]
        return torch.stack(parts).sum(dim=0)

    @staticmethod
    def _nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
        # |v - c|^2 without the |v|^2 that all codes share
        return (codebook.square().sum(dim=1) - 2 * vectors @ codebook.T).argmin(dim=1)

    @torch.no_grad()
    def _learn(self, level: int, vectors: Tensor, codes: Tensor) -> None:
        num_codes = self.codebooks.shape[1]
        counts = torch.zeros(num_codes, device=vectors.device).scatter_add_(
            0, codes, torch.ones_like(codes, dtype=torch.float32)
        )
        sums = torch.zeros_like(self.sums[level]).index_add_(0, codes, vectors.float())
        self.uses[level].lerp_(counts, 1 - _DECAY)
        self.sums[level].lerp_(sums, 1 - _DECAY)
        self.codebooks[level] = self.sums[level] / self.uses[level].clamp(min=1e-5)[:, None]
        dead = self.uses[level] < _DEAD_USES
        random = vectors[torch.randint(len(vectors), (num_codes,), device=vectors.device)].float()
        self.codebooks[level] = torch.where(dead[:, None], random, self.codebooks[level])
        self.sums[level] = torch.where(dead[:, None], random, self.sums[level])
        self.uses[level] = torch.where(dead, torch.ones_like(self.uses[level]), self.uses[level])
