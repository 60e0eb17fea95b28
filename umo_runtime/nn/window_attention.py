"""Self-attention over keyframe steps, training and streaming in one layer.

Every step has G tokens, which see each other and all tokens of the last W steps. Instead of a
position code, each head has a learned bias for every age (steps since a key was written): nothing
grows with time, so a stream may run for ever. Keys and values of the past live in rings of W steps,
which a step reads and does not write: it hands back its own, and whoever keeps the ring writes them
with `write_ring`. Rings are most of a stream's state, and copies of them would cost more than the
arithmetic.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MASKED = -1e9  # finite, so that a row without any key stays finite too


def write_ring(ring: Tensor, written: Tensor, position: Tensor) -> None:
    """Write a step's keys or values [B, H, G, D] in place of a ring's oldest, [B, H, W, G, D].

    Args:
        ring: changed in place.
        written: what the step handed back.
        position: [B] int64, the step's.
    """
    rows = torch.arange(len(ring), device=ring.device)
    ring[rows, :, position % ring.shape[2]] = written.to(ring.dtype)


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

    def initial_rings(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return empty keys and values, [B, H_kv, W, G, D / heads] each."""
        shape = (batch, self.kv_heads, self.window, self.group, self.head_dim)
        return self.age_bias.new_zeros(shape), self.age_bias.new_zeros(shape)

    def forward(self, x: Tensor) -> Tensor:
        """Attend over a whole sequence, [B, T * G, D]."""
        query, key, value = self._project(x)
        step = torch.arange(x.shape[1], device=x.device) // self.group
        age = step[:, None] - step[None, :]
        visible = (age >= 0) & (age < self.window)
        bias = self.age_bias[:, age.clamp(0, self.window - 1)].masked_fill(~visible, _MASKED)
        return self._merge(
            F.scaled_dot_product_attention(
                self._grouped(query), key, value, attn_mask=self._grouped(bias[None]).to(x.dtype)
            ),
            x,
        )

    def step(
        self, x: Tensor, keys: Tensor, values: Tensor, position: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Attend from one new step.

        Args:
            x: [B, G, D].
            keys: ring of keys, see `initial_rings`.
            values: ring of values.
            position: [B] int64, steps this stream has taken before.

        Returns:
            [B, G, D], and keys and values [B, H_kv, G, D / heads] to write into the rings.
        """
        query, key, value = self._project(x)
        query = self._grouped(query) * self.head_dim**-0.5
        scores = torch.cat(
            (query @ keys.flatten(2, 3).transpose(-1, -2), query @ key.transpose(-1, -2)), dim=-1
        )
        weights = (scores + self._step_bias(position)).softmax(dim=-1)
        past, present = weights.split((self.window * self.group, self.group), dim=-1)
        return self._merge(past @ values.flatten(2, 3) + present @ value, x), key, value

    def _step_bias(self, position: Tensor) -> Tensor:
        """Bias [B, H_kv, H / H_kv * G, W * G + G] of the ring's tokens and the step's own."""
        slot = torch.arange(self.window, device=position.device)
        # The slot that this step is going to take holds the step that has just left the window.
        age = torch.remainder(position[:, None] - slot, self.window)
        is_past = (age > 0) & (age <= position[:, None])
        bias = self.age_bias.T[age].transpose(1, 2).masked_fill(~is_past[:, None], _MASKED)
        own = self.age_bias[None, :, :1].expand(position.shape[0], -1, -1)
        bias = torch.cat((bias, own), dim=2).repeat_interleave(self.group, dim=2)
        return self._grouped(bias[:, :, None].expand(-1, -1, self.group, -1))

    def _project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, length, _ = x.shape
        query = self.query(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        key, value = self.key_value(x).view(batch, length, 2, self.kv_heads, -1).unbind(dim=2)
        return query, key.transpose(1, 2), value.transpose(1, 2)

    def _grouped(self, x: Tensor) -> Tensor:
        """Query heads [B, H, L, X] that share a key head as more rows of it: no copies of keys."""
        return x.reshape(x.shape[0], self.kv_heads, -1, x.shape[-1])

    def _merge(self, attended: Tensor, x: Tensor) -> Tensor:
        """Output [B, L, D] of what the rows of key heads attended to, for tokens `x` [B, L, D]."""
        heads = attended.reshape(x.shape[0], self.heads, x.shape[1], self.head_dim)
        projected: Tensor = self.output(heads.transpose(1, 2).reshape(x.shape))
        return projected
