"""Stage 3, synchronisation: audio, text and motion tokens together, end to end in time."""

import torch
from torch import Tensor, nn

from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.foundation import corrupt, next_token_loss
from umo_runtime.training.tokens import TokenSet
from umo_runtime.types import FRAMES_PER_KEYFRAME

_WITHOUT_TEXT = 0.5  # a bare microphone is the usual case
_MOST_CORRUPTED = 0.3  # of a history; the less it can trust what it did, the more it listens


class SynchronisationTask:
    """Next-keyframe prediction from what is heard, said and done."""

    name = "synchronisation"

    def __init__(self, predictor: KeyframePredictor, phase: PhaseConfig, tokens: TokenSet) -> None:
        self.network: nn.Module = predictor
        self._predictor, self._phase, self._tokens = predictor, phase, tokens

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy of the next tokens."""
        steps = self._phase.frames // FRAMES_PER_KEYFRAME
        audio, text, motion = self._tokens.crops(self._phase.batch, steps, generator)
        chance = torch.rand(self._phase.batch, 1, 1, generator=generator).to(motion.device)
        text = text * (chance > _WITHOUT_TEXT)
        share = _MOST_CORRUPTED * torch.rand(self._phase.batch, 1, 1, 1, generator=generator)
        history = corrupt(motion, share, self._predictor.config.motion_codes, generator)
        heard = torch.ones(self._phase.batch, device=motion.device)
        loss = next_token_loss(self._predictor, audio, text, history, motion, heard)
        return {"total": loss}
