"""Stage 2, alignment: hear speech and move lips with it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS
from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.phones import PHONES
from umo_runtime.training.augmentation import augment
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.dataset import Crop, Dataset
from umo_runtime.training.framing import frame_windows
from umo_runtime.training.spectrum_mask import mask_spectrum
from umo_runtime.types import MEL_PER_FRAME

_WARM_UP_FRAMES = 24  # frames of a crop that have too little past to be judged
_MIN_FRAMES = 32
_CAPTURE_SHARE = 0.4
_JAW_WEIGHT = 3.0
# How many crops are heard as they were recorded. Captures are few and of one good microphone.
_CLEAN_SHARE, _CLEAN_CAPTURE_SHARE = 0.25, 0.7
_JAW = MOUTH_CHANNELS.index(BLENDSHAPE_INDEX["jawOpen"])


class Hearing(nn.Module):
    """The networks of this stage with the heads that only training needs."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.tokenizer = AudioTokenizer(config)
        self.interpolator = Interpolator(config)
        self.phones_of_code = nn.Linear(config.code_dim, len(PHONES))
        self.mel_of_code = nn.Linear(config.code_dim, MEL_PER_FRAME * config.num_mels)


class AlignmentTask:
    """Phones and spectra from audio tokens, mouth from features."""

    name = "alignment"

    def __init__(self, config: ModelConfig, phase: PhaseConfig, data: Dataset) -> None:
        if phase.frames < _MIN_FRAMES:
            raise ConfigError(
                f"phases.alignment has frames = {phase.frames}; give at least {_MIN_FRAMES}, the "
                f"first {_WARM_UP_FRAMES} are not judged"
            )
        device = data.pose.device
        self.network: nn.Module
        self.network = self._hearing = Hearing(config).to(device)
        self._phase, self._data = phase, data
        spread = data.mouth[:: max(1, data.num_frames // 100_000)].float().std(dim=0)
        self._mouth_weight = 0.05 / (spread + 0.02)
        self._mouth_weight[_JAW] *= _JAW_WEIGHT

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """All losses of one batch of crops."""
        crop = self._data.crops(self._phase.batch, self._phase.frames, generator, _CAPTURE_SHARE)
        chance = torch.Generator(crop.samples.device).manual_seed(
            int(torch.randint(2**31, (), generator=generator))
        )
        return self._judge(crop, _hear(crop, chance), chance)

    def validation_losses(self) -> dict[str, Tensor]:
        """The same of held-out takes, heard as they were recorded."""
        if not self._data.is_held_out.any():
            return {}
        generator = torch.Generator().manual_seed(0)
        crop = self._data.crops(self._phase.batch, self._phase.frames, generator, held_out=True)
        return self._judge(crop, crop.samples, None)

    def _judge(
        self, crop: Crop, heard: Tensor, chance: torch.Generator | None
    ) -> dict[str, Tensor]:
        """All losses of crops heard as `heard`, parts of them masked by `chance`."""
        tokenizer = self._hearing.tokenizer
        with torch.autocast(heard.device.type, torch.bfloat16, enabled=heard.is_cuda):
            mel = tokenizer.log_mel(frame_windows(heard, self._phase.frames))
            masked = mel if chance is None else mask_spectrum(mel, chance)
            features, _ = tokenizer.encode_mel(masked, tokenizer.initial_state(len(mel)))
        features = features.float()
        losses = {
            **self._token_losses(features, mel.float(), crop),
            **self._mouth_losses(features, crop),
        }
        total = torch.stack(list(losses.values())).sum()
        return {"total": total, **losses}

    def _token_losses(self, features: Tensor, mel: Tensor, crop: Crop) -> dict[str, Tensor]:
        tokenizer = self._hearing.tokenizer
        quantized = tokenizer.quantizer(tokenizer.to_code(features))
        spectrum = mel.view(len(mel), -1, self._hearing.mel_of_code.out_features)
        rebuilt = self._hearing.mel_of_code(quantized.vectors)
        return {
            "phones": 0.1
            * self._phone_loss(self._hearing.interpolator.hold.phones(features), crop),
            "phones_of_code": 0.1
            * self._phone_loss(self._hearing.phones_of_code(quantized.vectors), crop),
            "mel": 0.1 * F.mse_loss(rebuilt, spectrum.detach()),
            "commitment": 0.02 * quantized.commitment,
        }

    def _phone_loss(self, logits: Tensor, crop: Crop) -> Tensor:
        labels = crop.phones[:, _WARM_UP_FRAMES:].flatten()
        losses = F.cross_entropy(
            logits[:, _WARM_UP_FRAMES:].flatten(0, 1), labels.clamp(min=0), reduction="none"
        )
        known = (labels >= 0).float()
        return (losses * known).sum() / known.sum().clamp(min=1)

    def _mouth_losses(self, features: Tensor, crop: Crop) -> dict[str, Tensor]:
        interpolator = self._hearing.interpolator
        mouth, _ = interpolator.mouth(features, interpolator.mouth.initial_context(len(features)))
        mouth = interpolator.contact(mouth, self._phones_said(features, crop))
        # Below zero the runtime clips, so only what a viewer would see is an error.
        mouth = torch.where(crop.mouth <= 0, mouth.clamp(min=0) + 0.1 * mouth.clamp(max=0), mouth)
        error = (mouth - crop.mouth)[:, _WARM_UP_FRAMES:]
        weight = (self._mouth_weight * crop.mouth_weight)[:, None]
        speed = error.diff(dim=1)
        known = crop.mouth_weight.mean().clamp(min=0.1)
        return {
            "mouth": 20 * (error.square() * weight).mean() / known,
            "mouth_speed": 20 * (speed.square() * weight).mean() / known,
        }

    def _phones_said(self, features: Tensor, crop: Crop) -> Tensor:
        """Probabilities [B, L, 40]: certain where phones are labelled, else as they are heard."""
        heard = torch.softmax(self._hearing.interpolator.hold.phones(features.detach()), dim=-1)
        labelled = F.one_hot(crop.phones.clamp(min=0), len(PHONES)).float()
        return torch.where(crop.phones[..., None] < 0, heard.detach(), labelled)


def _hear(crop: Crop, chance: torch.Generator) -> Tensor:
    """The crops' samples, most of them through bad microphones and rooms."""
    is_capture = (crop.mouth_weight.amin(dim=1) < crop.mouth_weight.amax(dim=1))[:, None]
    share = torch.where(is_capture, _CLEAN_CAPTURE_SHARE, _CLEAN_SHARE)
    is_clean = torch.rand(share.shape, generator=chance, device=share.device) < share
    return torch.where(is_clean, crop.samples, augment(crop.samples, chance))
