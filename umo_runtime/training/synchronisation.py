"""Stage 3, synchronisation: audio, text and motion tokens together, end to end in time."""

import torch
from torch import Tensor, nn

from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.training.augmentation import augment
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.foundation import corrupt, next_token_loss
from umo_runtime.training.framing import frame_windows
from umo_runtime.types import FRAMES_PER_KEYFRAME

_LEAD_STEPS = 6  # steps heard before the first judged one, so that audio tokens have a past
_WITHOUT_TEXT = 0.5  # a bare microphone is the usual case
_CORRUPTED = 0.05
_AUGMENTED = 0.5


class SynchronisationTask:
    """Next-keyframe prediction from what is heard, said and done."""

    name = "synchronisation"

    def __init__(
        self,
        predictor: KeyframePredictor,
        audio: AudioTokenizer,
        codes: Tensor,
        phase: PhaseConfig,
        data: Dataset,
    ) -> None:
        self.network: nn.Module = predictor
        self._predictor, self._audio = predictor, audio.eval()
        self._codes, self._phase, self._data = codes, phase, data

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy of the next tokens."""
        frames = self._phase.frames + _LEAD_STEPS * FRAMES_PER_KEYFRAME
        crop = self._data.crops(self._phase.batch, frames, generator)
        audio = self._tokens(crop.samples, frames, generator)[:, _LEAD_STEPS:]
        first = crop.first_frame // FRAMES_PER_KEYFRAME
        step = first[:, None] + torch.arange(audio.shape[1], device=first.device) + _LEAD_STEPS
        motion = self._codes[step]
        chance = torch.rand(self._phase.batch, 1, 1, generator=generator).to(motion.device)
        text = crop.text[:, _LEAD_STEPS:] * (chance > _WITHOUT_TEXT)
        history = corrupt(motion, _CORRUPTED, self._predictor.config.motion_codes, generator)
        heard = torch.ones(self._phase.batch, device=motion.device)
        loss = next_token_loss(self._predictor, audio, text, history, motion, heard)
        return {"total": loss}

    @torch.no_grad()
    def _tokens(self, samples: Tensor, frames: int, generator: torch.Generator) -> Tensor:
        """Audio codes of each step k, frames 4k - 3 .. 4k, [B, T, 4, Q]."""
        seed = int(torch.randint(2**31, (), generator=generator))
        chance = torch.Generator(samples.device).manual_seed(seed)
        plain = torch.rand(len(samples), 1, generator=chance, device=samples.device) > _AUGMENTED
        samples = torch.where(plain, samples, augment(samples, chance))
        features, _ = self._audio.encode(
            frame_windows(samples, frames), self._audio.initial_state(len(samples))
        )
        codes = self._audio.quantizer(self._audio.to_code(features)).codes
        # Frame 4k closes step k: shift by three so that steps are whole rows.
        shifted = codes.roll(FRAMES_PER_KEYFRAME - 1, dims=1)
        return shifted.unflatten(1, (-1, FRAMES_PER_KEYFRAME))
