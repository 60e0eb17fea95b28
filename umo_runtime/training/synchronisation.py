"""Stage 3, synchronisation: audio, text and motion tokens together, end to end in time.

Part of every batch is predicted from histories that the predictor itself has made (`roll_out`), so
that it meets in training what it meets at run time.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.foundation import corrupt, next_token_loss
from umo_runtime.training.roll_out import RolledOut, roll_out
from umo_runtime.training.tokens import TokenCrop, TokenSet
from umo_runtime.types import FRAMES_PER_KEYFRAME

_WITHOUT_TEXT = 0.35  # many a microphone comes without
_MOST_CORRUPTED = 0.3  # of a history; the less it can trust what it did, the more it listens
_BALANCE = 0.01  # Fedus et al., 2022
_REFRESH_STEPS = 250  # between roll-outs; divides the steps between checkpoints, see `run_phase`
_ROLLED_OUT_BATCHES = 8  # crops rolled out at once, in batches: each is learnt from about 8 times


class SynchronisationTask:
    """Next-keyframe prediction from what is heard, said and done."""

    name = "synchronisation"

    def __init__(self, predictor: KeyframePredictor, phase: PhaseConfig, tokens: TokenSet) -> None:
        self.network: nn.Module = predictor
        self._predictor, self._phase, self._tokens = predictor, phase, tokens
        self._own_count = int(phase.own_history * phase.batch)
        self._rolled_out: RolledOut | None = None
        self._age_steps = 0

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy of the next tokens, after true and after own histories."""
        true = self._crops(self._phase.batch - self._own_count, generator)
        share = _MOST_CORRUPTED * torch.rand(len(true.motion), 1, 1, 1, generator=generator)
        history = corrupt(true.motion, share, self._predictor.config.motion_codes, generator)
        if self._own_count:
            own = self._own(generator).draw(self._own_count, generator)
            true, history = true.joined(own.crop), torch.cat((history, own.history))
        tokens = next_token_loss(self._predictor, true, history)
        imbalance = self._predictor.imbalance()
        return {"total": tokens + _BALANCE * imbalance, "tokens": tokens, "imbalance": imbalance}

    def validation_losses(self) -> dict[str, Tensor]:
        """The same of takes that are held out, after their true history."""
        if not self._tokens.is_held_out.any():
            return {}
        crop = self._crops(self._phase.batch, torch.Generator().manual_seed(0), held_out=True)
        return {"total": next_token_loss(self._predictor, crop, crop.motion)}

    def _crops(self, count: int, generator: torch.Generator, held_out: bool = False) -> TokenCrop:
        """Random crops, a third of them without text."""
        steps = self._phase.frames // FRAMES_PER_KEYFRAME
        crop = self._tokens.crops(count, steps, generator, held_out)
        chance = torch.rand(count, 1, 1, generator=generator).to(crop.text.device)
        return replace(crop, text=crop.text * (chance > _WITHOUT_TEXT))

    def _own(self, generator: torch.Generator) -> RolledOut:
        """Crops with histories that the predictor made within the last steps."""
        if self._rolled_out is None or self._age_steps >= _REFRESH_STEPS:
            crop = self._crops(_ROLLED_OUT_BATCHES * self._phase.batch, generator)
            self._rolled_out = RolledOut(crop, roll_out(self._predictor, crop, generator))
            self._age_steps = 0
        self._age_steps += 1
        return self._rolled_out
