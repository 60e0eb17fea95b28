"""In-step decoder: the tokens of one keyframe, region by region and level by level.

Order is coarse first: level 0 of the trunk, arms, hands and face, then level 1 and so on, so that
every region is agreed on roughly before any detail is drawn.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.config import NUM_REGIONS, ModelConfig, Routing
from umo_runtime.nn.feed_forward import feed_forward
from umo_runtime.nn.module_list import TypedModuleList

Past = tuple[Tensor, Tensor]
_HEAD_DIM = 48
_BELOW_ONE = 1 - 2**-24  # a draw of exactly 1 would lie beyond the last code that may be drawn


class _Layer(nn.Module):
    """Causal attention over the positions of one step, then region experts."""

    def __init__(self, width: int, hidden: int, routing: Routing) -> None:
        super().__init__()
        self.heads = max(1, width // _HEAD_DIM)
        self.norm_attention, self.norm_ffn = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.ffn = feed_forward(routing, width, 0, hidden, NUM_REGIONS)

    def forward(self, x: Tensor) -> Tensor:
        """Process all positions, [N, P, D]."""
        rows, length, width = x.shape
        qkv = self.query_key_value(self.norm_attention(x)).view(rows, length, 3, self.heads, -1)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(dim=0)
        out = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.output(out.transpose(1, 2).reshape(x.shape))
        routed = self.ffn(self.norm_ffn(x).reshape(-1, NUM_REGIONS, width))
        return x + routed.reshape(x.shape)

    def step(self, x: Tensor, past: Past | None, region: int) -> tuple[Tensor, Past]:
        """Process one position [N, D], of a region, that follows `past`."""
        qkv = self.query_key_value(self.norm_attention(x)).chunk(3, dim=-1)
        query, key, value = (part.view(x.shape[0], self.heads, 1, -1) for part in qkv)
        if past is not None:
            key, value = torch.cat((past[0], key), dim=2), torch.cat((past[1], value), dim=2)
        out = F.scaled_dot_product_attention(query, key, value)
        x = x + self.output(out.view(x.shape))
        return x + self.ffn.forward_one(self.norm_ffn(x), region), (key, value)


class InStepDecoder(nn.Module):
    """Draws the R x Q motion tokens of a keyframe from the predictor's four region states."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.positions = NUM_REGIONS * config.motion_levels
        width = config.depth_model
        self.context = nn.Parameter(
            torch.randn(NUM_REGIONS, config.d_model, width) * config.d_model**-0.5
        )
        self.place = nn.Parameter(torch.randn(self.positions, width) * 0.02)
        self.code = nn.Parameter(
            torch.randn(self.positions, config.code_dim, width) * config.code_dim**-0.5
        )
        self.layers = TypedModuleList[_Layer](
            _Layer(width, config.depth_hidden, config.routing) for _ in range(config.depth_layers)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Parameter(
            torch.randn(self.positions, width, config.motion_codes) * width**-0.5
        )

    def forward(self, states: Tensor, code_vectors: Tensor) -> Tensor:
        """Score every position given the true codes before it.

        Args:
            states: [N, R, D] region states of the predictor.
            code_vectors: [N, P, C] code vector of each position's own token, in decoding order.

        Returns:
            Logits, [N, P, K].
        """
        inputs = self._context(states) + self.place
        told = torch.einsum("npc,pcd->npd", code_vectors[:, :-1], self.code[:-1])
        x = inputs + F.pad(told, (0, 0, 1, 0))
        for layer in self.layers:
            x = layer(x)
        return torch.einsum("npd,pdk->npk", self.norm(x), self.head)

    def sample(
        self, states: Tensor, codebooks: Tensor, uniforms: Tensor, temperature: Tensor, min_p: float
    ) -> Tensor:
        """Draw one keyframe's tokens.

        Args:
            states: [N, R, D].
            codebooks: [P, K, C] code vectors of every position.
            uniforms: [N, P] numbers in 0..1 that decide the draw; the caller owns randomness.
            temperature: [P].
            min_p: codes less likely than this share of the likeliest are never drawn.

        Returns:
            Codes in decoding order, [N, P] int64.
        """
        inputs = self._context(states) + self.place
        pasts: list[Past | None] = [None] * len(self.layers)
        codes: list[Tensor] = []
        told = torch.zeros_like(inputs[:, 0])
        for position in range(self.positions):
            x = inputs[:, position] + told
            for index, layer in enumerate(self.layers):
                x, pasts[index] = layer.step(x, pasts[index], position % NUM_REGIONS)
            logits = self.norm(x) @ self.head[position] / temperature[position]
            codes.append(_draw(logits, uniforms[:, position], min_p))
            told = F.embedding(codes[-1], codebooks[position]) @ self.code[position]
        return torch.stack(codes, dim=1)

    def _context(self, states: Tensor) -> Tensor:
        """Region states at every position, [N, P, D]."""
        context = torch.einsum("nrd,rde->nre", states, self.context)
        return context.repeat(1, self.positions // NUM_REGIONS, 1)


def _draw(logits: Tensor, uniform: Tensor, min_p: float) -> Tensor:
    """Invert the cumulative distribution of [N, K] logits at [N] numbers in 0..1."""
    probabilities = torch.softmax(logits.float(), dim=-1)
    floor = min_p * probabilities.amax(dim=-1, keepdim=True)
    probabilities = torch.where(probabilities < floor, 0.0, probabilities)
    cumulative = probabilities.cumsum(dim=-1)
    below = cumulative <= uniform.clamp(max=_BELOW_ONE)[:, None] * cumulative[:, -1:]
    return below.to(torch.int64).sum(dim=-1).clamp(max=logits.shape[-1] - 1)
