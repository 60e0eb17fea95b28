"""Feed-forward layer whose router learns which expert a token visits.

Sources: W. Fedus et al., "Switch Transformers", JMLR 2022 (one expert a token, load balance);
D. Dai et al., "DeepSeekMoE", ACL 2024 (a shared expert beside the routed ones).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.nn.dense_ffn import DenseFFN


class RoutedFFN(nn.Module):
    """Shared expert plus the one that the router prefers, weighted by how much it does.

    Args:
        width: of a token.
        shared_hidden: hidden width of the shared expert; 0 leaves it out.
        expert_hidden: hidden width of each routed expert.
        experts: how many (E).

    Attributes:
        imbalance: of the last call, 1 where all experts are visited alike, E where one is alone.
    """

    def __init__(self, width: int, shared_hidden: int, expert_hidden: int, experts: int) -> None:
        super().__init__()
        self.shared = DenseFFN(width, shared_hidden) if shared_hidden else None
        self.router = nn.Linear(width, experts, bias=False)
        self.expert_in = nn.Parameter(torch.randn(experts, width, expert_hidden) * width**-0.5)
        self.expert_out = nn.Parameter(
            torch.randn(experts, expert_hidden, width) * expert_hidden**-0.5
        )
        self.imbalance = torch.ones(())

    def forward(self, x: Tensor) -> Tensor:
        """Transform [N, E, D]."""
        return self._route(x.flatten(0, 1)).view_as(x)

    def forward_one(self, x: Tensor, expert: int) -> Tensor:
        """Transform tokens [N, D]; which kind they are is for the router to see."""
        return self._route(x)

    def _route(self, x: Tensor) -> Tensor:
        share = torch.softmax(self.router(x).float(), dim=-1).to(x.dtype)
        best, chosen = share.max(dim=-1)
        visits = F.one_hot(chosen, share.shape[-1]).to(x.dtype)
        self.imbalance = share.shape[-1] * (visits.mean(dim=0) * share.mean(dim=0)).sum()
        # All experts run and one is kept: for few small experts that is faster than gathering.
        hidden = F.gelu(torch.einsum("nd,edh->neh", x, self.expert_in))
        out = torch.einsum("neh,ehd,ne->nd", hidden, self.expert_out, visits * best[:, None])
        return out if self.shared is None else out + self.shared(x)
