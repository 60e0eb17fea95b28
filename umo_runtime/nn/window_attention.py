"""Self-attention over keyframe steps, training and streaming in one layer.

Every step has G tokens, which see each other and all tokens of the last W steps. Instead of a
position code, each head has a learned bias for every age (steps since a key was written): nothing
grows with time, so a stream may run for ever. Keys and values live in a ring of W steps.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MASKED = -1e9  # finite, so that a row without any key stays finite too


@torch.library.custom_op("umo::write_cache", mutates_args=())
def write_cache(cache: Tensor, update: Tensor, index: Tensor) -> Tensor:
    """Return `cache` [B, H, S, D] with `update` [B, H, G, D] written at `index` [B] of axis 2.

    Exported as ONNX TensorScatter (opset 24), which runtimes perform in place.
    """
    places = index.view(-1, 1, 1, 1) + torch.arange(update.shape[2], device=cache.device).view(
        1, 1, -1, 1
    )
    return cache.scatter(2, places.expand_as(update), update)


@write_cache.register_fake
def _(cache: Tensor, update: Tensor, index: Tensor) -> Tensor:
    return torch.empty_like(cache)


class WindowAttention(nn.Module):
    """Grouped-query attention over a sliding window of steps.

    Args:
        width: of a token (D).
        heads: query heads.
        kv_heads: key/value heads.
        group: tokens per step (G).
        window: steps remembered (W).
    """

    def __init__(self, width: int, heads: int, kv_heads: int, group: int, window: int) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.group, self.window = heads, kv_heads, group, window
        self.head_dim = width // heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * kv_heads * self.head_dim, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.age_bias = nn.Parameter(torch.zeros(heads, window))

    def initial_cache(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return empty keys and values, [B, H_kv, W * G, D / heads] each."""
        shape = (batch, self.kv_heads, self.window * self.group, self.head_dim)
        return self.age_bias.new_zeros(shape), self.age_bias.new_zeros(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Attend over a whole sequence, [B, T * G, D]."""
        query, key, value = self._project(x)
        step = torch.arange(x.shape[1], device=x.device) // self.group
        age = step[:, None] - step[None, :]
        visible = (age >= 0) & (age < self.window)
        bias = self.age_bias[:, age.clamp(0, self.window - 1)].masked_fill(~visible, _MASKED)
        return self._attend(query, key, value, bias[None])

    def step(
        self, x: Tensor, keys: Tensor, values: Tensor, position: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Attend from one new step.

        Args:
            x: [B, G, D].
            keys: ring of keys, written in place of its oldest step.
            values: ring of values.
            position: [B] int64, steps this stream has taken before.

        Returns:
            [B, G, D] and the two rings.
        """
        query, key, value = self._project(x)
        slot = position % self.window
        keys = write_cache(keys, key, slot * self.group)
        values = write_cache(values, value, slot * self.group)
        age = torch.remainder(
            slot[:, None] - torch.arange(self.window, device=x.device), self.window
        )
        bias = self.age_bias.T[age].transpose(1, 2)  # [B, H, W]
        bias = bias.masked_fill((age > position[:, None])[:, None], _MASKED)
        bias = bias.repeat_interleave(self.group, dim=2)[:, :, None].expand(-1, -1, self.group, -1)
        return self._attend(query, keys, values, bias), keys, values

    def _project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, length, _ = x.shape
        query = self.query(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        key, value = self.key_value(x).view(batch, length, 2, self.kv_heads, -1).unbind(dim=2)
        return query, key.transpose(1, 2), value.transpose(1, 2)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor) -> Tensor:
        # Query heads that share a key head become more rows of the same attention: no copies.
        batch, heads, length, dim = query.shape
        grouped = query.reshape(batch, self.kv_heads, -1, dim)
        bias = bias.reshape(-1, self.kv_heads, grouped.shape[2], bias.shape[-1])
        out = F.scaled_dot_product_attention(grouped, key, value, attn_mask=bias.to(query.dtype))
        out = out.reshape(batch, heads, length, dim).transpose(1, 2).reshape(batch, length, -1)
        projected: Tensor = self.output(out)
        return projected
