"""Plain feed-forward layer that every token visits alike: what experts are measured against."""

import torch.nn.functional as F
from torch import Tensor, nn


class DenseFFN(nn.Module):
    """Two linear layers.

    Args:
        width: of a token.
        hidden: hidden width.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.inward, self.outward = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """Transform [N, E, D]."""
        out: Tensor = self.outward(F.gelu(self.inward(x)))
        return out

    def forward_one(self, x: Tensor, expert: int) -> Tensor:
        """Transform tokens [N, D]; which kind they are does not matter."""
        return self(x)
