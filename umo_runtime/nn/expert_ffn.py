"""Feed-forward layer with one shared expert and one expert per body region.

Routing is by what a token is (its place in the step), so it needs no gather and no balancing.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ExpertFFN(nn.Module):
    """Shared expert plus the token's own.

    Args:
        width: of a token.
        shared_hidden: hidden width of the shared expert; 0 leaves it out.
        expert_hidden: hidden width of each routed expert.
        experts: how many (E).
    """

    def __init__(self, width: int, shared_hidden: int, expert_hidden: int, experts: int) -> None:
        super().__init__()
        self.shared_in = nn.Linear(width, shared_hidden) if shared_hidden else None
        self.shared_out = nn.Linear(shared_hidden, width) if shared_hidden else None
        self.expert_in = nn.Parameter(torch.randn(experts, width, expert_hidden) * width**-0.5)
        self.expert_out = nn.Parameter(
            torch.randn(experts, expert_hidden, width) * expert_hidden**-0.5
        )

    def forward(self, x: Tensor) -> Tensor:
        """Transform [N, E, D]: token e of every row visits expert e."""
        hidden = F.gelu(torch.matmul(x.transpose(0, 1), self.expert_in))
        routed = torch.matmul(hidden, self.expert_out).transpose(0, 1)
        return routed if self.shared_in is None else routed + self._shared(x)

    def forward_one(self, x: Tensor, expert: int) -> Tensor:
        """Transform tokens [N, D] that all belong to one expert."""
        routed = F.gelu(x @ self.expert_in[expert]) @ self.expert_out[expert]
        return routed if self.shared_in is None else routed + self._shared(x)

    def _shared(self, x: Tensor) -> Tensor:
        assert self.shared_in is not None and self.shared_out is not None
        shared: Tensor = self.shared_out(F.gelu(self.shared_in(x)))
        return shared
