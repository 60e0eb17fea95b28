"""Stage 1, foundation: motion alone. First its tokens, then what follows what."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.skeleton import BONES, REGION_BONES, Region
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.tokens import TokenCrop, TokenSet
from umo_runtime.types import FRAMES_PER_KEYFRAME

_MIN_SCALE = 0.03  # of a pose value: quieter values are not blown up to unit variance
_COMMITMENT = 0.25
_BLINK_WEIGHT = 4.0  # one value among sixteen decides whether the eyes are shut
_VELOCITY_WEIGHT = 0.3  # velocities only shape the curve between keyframes
# Within the trunk: legs are solved for the feet again, nods are small and seen first.
_LEGS, _LEG_WEIGHT = ("UpperLeg", "LowerLeg", "Foot", "Toes"), 0.25
_HEAD, _HEAD_WEIGHT = ("Neck", "Head"), 2.0


class MotionTokenizerTask:
    """Reconstruct keyframe poses through residual codes."""

    name = "motion_tokenizer"

    def __init__(self, config: ModelConfig, phase: PhaseConfig, data: Dataset) -> None:
        self.network: nn.Module
        self.network = self._motion = MotionTokenizer(config).to(data.pose.device)
        self._data, self._batch = data, phase.batch
        self._weight = _value_weights().to(data.pose.device)
        if bool((self._motion.scale == 1).all()):
            self._measure()

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Reconstruction in units of each value's spread, and commitment."""
        frames = self._data.num_training_frames
        place = torch.randint(frames, (self._batch,), generator=generator)
        return self._losses(self._data.pose[place.to(self._data.pose.device)].float())

    def validation_losses(self) -> dict[str, Tensor]:
        """The same of frames of takes that are held out."""
        held_out = self._data.pose[self._data.num_training_frames :]
        if not len(held_out):
            return {}
        return self._losses(held_out[:: -(-len(held_out) // self._batch)].float())

    def _losses(self, pose: Tensor) -> dict[str, Tensor]:
        quantized = self._motion.quantize(pose)
        vectors = torch.stack([region.vectors for region in quantized], dim=-2)
        error = (self._motion.decode_vectors(vectors) - pose) / self._motion.scale
        per_value = (error.square() * self._weight).mean(dim=0)
        parts = {region.name.lower(): per_value[REGION_SLICES[region]].mean() for region in Region}
        commitment = torch.stack([region.commitment for region in quantized]).sum()
        total = torch.stack(list(parts.values())).sum() + _COMMITMENT * commitment
        return {"total": total, "commitment": commitment, **parts}

    def _measure(self) -> None:
        stride = max(1, self._data.num_frames // 200_000)
        pose = self._data.pose[::stride].float()
        self._motion.mean.copy_(pose.mean(dim=0))
        self._motion.scale.copy_(pose.std(dim=0).clamp(min=_MIN_SCALE))
        # Takes begin in silence: the most typical beginning is how a character waits.
        beginnings = self._data.pose[self._data.starts].float()
        distance = ((beginnings - beginnings.median(dim=0).values) / self._motion.scale).norm(dim=1)
        self._motion.rest.copy_(beginnings[distance.argmin()])


def _value_weights() -> Tensor:
    """How much each value of a pose vector counts, [P]."""
    weight = torch.ones(POSE_DIM)
    trunk = torch.ones(len(REGION_BONES[Region.TRUNK]), 6)
    for row, bone in zip(trunk, REGION_BONES[Region.TRUNK], strict=True):
        if BONES[bone].endswith(_LEGS):
            row.fill_(_LEG_WEIGHT)
        if BONES[bone] in _HEAD:
            row.fill_(_HEAD_WEIGHT)
    for region in BODY_REGIONS:
        values, velocities = weight[REGION_SLICES[region]].chunk(2)
        if region == Region.TRUNK:
            values[: trunk.numel()] = trunk.flatten()
        velocities.copy_(_VELOCITY_WEIGHT * values)
    weight[REGION_SLICES[Region.FACE].stop - 1] = _BLINK_WEIGHT
    return weight


class MotionPriorTask:
    """Predict the next keyframe's tokens from motion alone; the predictor may not hear."""

    name = "motion_prior"

    def __init__(self, predictor: KeyframePredictor, phase: PhaseConfig, tokens: TokenSet) -> None:
        self.network: nn.Module = predictor
        self._predictor, self._phase, self._tokens = predictor, phase, tokens

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy of the next tokens."""
        crop = self._crops(generator)
        history = corrupt(crop.motion, 0.05, self._predictor.config.motion_codes, generator)
        return {"total": next_token_loss(self._predictor, crop, history, hears=False)}

    def validation_losses(self) -> dict[str, Tensor]:
        """The same of takes that are held out, after their true history."""
        if not self._tokens.is_held_out.any():
            return {}
        crop = self._crops(torch.Generator().manual_seed(0), held_out=True)
        return {"total": next_token_loss(self._predictor, crop, crop.motion, hears=False)}

    def _crops(self, generator: torch.Generator, held_out: bool = False) -> TokenCrop:
        steps = self._phase.frames // FRAMES_PER_KEYFRAME
        return self._tokens.crops(self._phase.batch, steps, generator, held_out)


def next_token_loss(
    predictor: KeyframePredictor, crop: TokenCrop, history: Tensor, hears: bool = True
) -> Tensor:
    """Cross-entropy of keyframes 1..T-1 of a crop.

    Args:
        predictor: scores them.
        crop: what was heard, said, told and done.
        history: codes to predict from in place of what was done, [B, T, R, Q].
        hears: whether the predictor may hear, or must go by motion and what it is told.
    """
    motion = crop.motion
    heard = torch.full((len(motion),), float(hears), device=motion.device)
    with torch.autocast(motion.device.type, torch.bfloat16, enabled=motion.is_cuda):
        logits = predictor(
            crop.audio[:, :-1],
            crop.text[:, :-1],
            history[:, :-1],
            heard,
            crop.controls[:, :-1],
            told=motion[:, 1:],
        )
    targets = motion[:, 1:].transpose(-1, -2).flatten(-2)  # decoding order: level-major
    return F.cross_entropy(logits.float().flatten(0, 2), targets.flatten())


def corrupt(
    codes: Tensor, share: float | Tensor, num_codes: int, generator: torch.Generator
) -> Tensor:
    """Replace a share of history codes [B, ...], so that the model learns to live with its own."""
    chance = torch.rand(codes.shape, generator=generator)
    random = torch.randint(num_codes, codes.shape, generator=generator)
    return torch.where((chance < share).to(codes.device), random.to(codes.device), codes)
