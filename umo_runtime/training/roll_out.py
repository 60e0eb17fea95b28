"""Histories in which the predictor lives with what it drew itself.

Predicting from true histories alone, a model never sees its own slips. A history here is true but
for short runs of the model's own draws, each begun from the truth; what is to be predicted stays
the true next keyframe. Runs are short on purpose: a long one drifts to another performance that is
no worse, the true next keyframe then has nothing to do with it, and the model would learn that its
history is not worth reading.
Sources: S. Bengio et al., "Scheduled Sampling for Sequence Prediction with Recurrent Neural
Networks", NeurIPS 2015; S. Ross et al., "A Reduction of Imitation Learning and Structured
Prediction to No-Regret Online Learning", AISTATS 2011.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from umo_runtime.nn.window_attention import write_ring
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.training.tokens import TokenCrop

_RUN_STEPS = 8  # of the longest run, a second; true stretches between runs are as long


class RolledOut(NamedTuple):
    """Crops with histories of the predictor's own, [B, T, R, Q]."""

    crop: TokenCrop
    history: Tensor

    def draw(self, count: int, generator: torch.Generator) -> "RolledOut":
        """Some of them at random."""
        rows = torch.randint(len(self.history), (count,), generator=generator)
        rows = rows.to(self.history.device)
        return RolledOut(self.crop.rows(rows), self.history[rows])


@torch.no_grad()
def roll_out(predictor: KeyframePredictor, crop: TokenCrop, generator: torch.Generator) -> Tensor:
    """Let the predictor go on by itself, now and then, for 1 to 8 steps.

    All crops take a step together, in the rings that a live stream uses.

    Args:
        predictor: draws as it does at run time.
        crop: B crops of T steps.
        generator: CPU, source of chance.

    Returns:
        Codes [B, T, R, Q], those of the crop where the predictor was not left alone.
    """
    batch, steps = crop.motion.shape[:2]
    device = crop.motion.device
    is_own = own_steps(batch, steps, generator).to(device)
    uniforms = torch.rand(batch, steps, predictor.in_step.positions, generator=generator).to(device)
    history = crop.motion.clone()
    position, codes = (part.to(device) for part in predictor.initial_state(batch))
    rings = [ring.to(device) for ring in predictor.initial_rings(batch)]
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        if device.type == "cuda":
            rings = [ring.to(torch.bfloat16) for ring in rings]
        for step in range(steps - 1):
            _, (after, codes, *written) = predictor.step(
                crop.audio[:, step],
                crop.text[:, step],
                crop.controls[:, step],
                uniforms[:, step],
                position,
                history[:, step],
                *rings,
            )
            for ring, part in zip(rings, written, strict=True):
                write_ring(ring, part, position)
            position = after
            chosen = is_own[:, step + 1, None, None]
            history[:, step + 1] = torch.where(chosen, codes, history[:, step + 1])
    return history


def own_steps(batch: int, steps: int, generator: torch.Generator) -> Tensor:
    """Which steps [B, T] are the predictor's own: runs of 1 to 8 between true stretches."""
    lengths = torch.randint(1, _RUN_STEPS + 1, (batch, steps), generator=generator)
    ends = lengths.cumsum(dim=1)
    place = torch.arange(steps).expand(batch, -1).contiguous()
    return torch.searchsorted(ends, place, right=True) % 2 == 1
