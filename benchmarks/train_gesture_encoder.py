"""Trains the encoder that the Frechet gesture distance measures with.

    python -m benchmarks.train_gesture_encoder ../shared/data

Learns from the training clips of the motion corpus and their mirror images, never from held-out
ones; half of the windows are conversational gestures and idles, half other motion. Writes
`benchmarks/gesture_encoder.npz` in half precision. Takes about three minutes on one core.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from umo_runtime.evaluation.body_baselines import is_conversational
from umo_runtime.evaluation.body_space import GESTURE_BONES
from umo_runtime.evaluation.gesture_encoder import (
    KERNEL,
    NUM_CONVOLUTIONS,
    NUM_FEATURES,
    SLOPE,
    STRIDE,
    WINDOW_FRAMES,
    cut_windows,
    gesture_features,
)
from umo_runtime.skeleton import UPPER_BODY_BONES
from umo_runtime.training.corpora.mirror import mirror_rotations
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.utterance import MotionClip
from umo_runtime.types import FloatArray

FILE = Path(__file__).parent / "gesture_encoder.npz"
LATENT = 16
_WIDTH = 96
_STEPS, _BATCH, _RATE = 2500, 64, 2e-3
_VELOCITY_WEIGHT = 4.0
_SEED = 0


class Autoencoder(nn.Module):
    """Windows [N, F, 32] to latents [N, D] and back."""

    def __init__(self) -> None:
        super().__init__()
        widths = [NUM_FEATURES] + [_WIDTH] * NUM_CONVOLUTIONS
        short = WINDOW_FRAMES // STRIDE**NUM_CONVOLUTIONS
        self.down = nn.ModuleList(
            nn.Conv1d(a, b, KERNEL, STRIDE, padding=1) for a, b in pairwise(widths)
        )
        self.latent = nn.Linear(_WIDTH * short, LATENT)
        self.spread = nn.Linear(LATENT, _WIDTH * short)
        self.up = nn.ModuleList(
            nn.ConvTranspose1d(b, a, KERNEL, STRIDE, padding=1)
            for a, b in reversed(list(pairwise(widths)))
        )

    def encode(self, x: Tensor) -> Tensor:
        """Latents [N, D]."""
        for layer in self.down:
            x = F.leaky_relu(layer(x), SLOPE)
        latent: Tensor = self.latent(x.flatten(1))
        return latent

    def forward(self, x: Tensor) -> Tensor:
        """The windows as the latents remember them."""
        y: Tensor = self.spread(self.encode(x)).unflatten(1, (_WIDTH, -1))
        for layer in self.up:
            y = layer(F.leaky_relu(y, SLOPE))
        return y


def read_windows(clips: Sequence[MotionClip]) -> FloatArray:
    """Features [N, 32, F] of all windows of clips and their mirror images."""
    tracks = [turn for clip in clips for turn in (clip.rotations, mirror_rotations(clip.rotations))]
    return np.concatenate([cut_windows(gesture_features(track), hop=2) for track in tracks])


def feature_scale(spread: FloatArray) -> FloatArray:
    """What to multiply features [F] by: positions, arms' and fingers' rotations weigh alike.

    Within a group one scale holds for all, so that what moves more weighs more.

    Args:
        spread: standard deviations [F].
    """
    num_upper = len(UPPER_BODY_BONES)
    ends = np.cumsum([3 * len(GESTURE_BONES), 6 * num_upper])
    groups = np.split(spread, ends)
    scales = [np.full(len(g), np.sqrt(len(spread) / len(groups) / (g**2).sum())) for g in groups]
    return np.concatenate(scales).astype(np.float32)


def train(gestures: FloatArray, others: FloatArray) -> dict[str, FloatArray]:
    """Fit the autoencoder and return the encoder's arrays."""
    torch.manual_seed(_SEED)
    everything = gestures.reshape(-1, gestures.shape[-1])
    mean = everything.mean(axis=0)
    scale = feature_scale(everything.std(axis=0))
    kinds = [torch.from_numpy(((w - mean) * scale).swapaxes(1, 2)) for w in (gestures, others)]
    model = Autoencoder()
    optimiser = torch.optim.AdamW(model.parameters(), _RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, _STEPS)
    for step in range(_STEPS):
        x = torch.cat([kind[torch.randint(len(kind), (_BATCH // 2,))] for kind in kinds])
        error = model(x) - x
        loss = error.abs().mean() + _VELOCITY_WEIGHT * error.diff(dim=-1).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 500 == 0 or step == _STEPS - 1:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    return encoder_arrays(model, mean, scale, kinds[0])


@torch.no_grad()
def encoder_arrays(
    model: Autoencoder, mean: FloatArray, scale: FloatArray, gestures: Tensor
) -> dict[str, FloatArray]:
    """Weights, and what gives the latents of gestures mean 0 and covariance 1."""
    latents = torch.cat([model.encode(part) for part in gestures.split(1024)])
    values, vectors = torch.linalg.eigh(torch.cov(latents.T))
    arrays = {
        "mean": mean,
        "scale": scale,
        "latent_weight": model.latent.weight.numpy(),
        "latent_bias": model.latent.bias.numpy(),
        "latent_mean": latents.mean(dim=0).numpy(),
        "whitening": (vectors / values.sqrt()).numpy(),
    }
    for index, layer in enumerate(model.down):
        assert isinstance(layer, nn.Conv1d) and layer.bias is not None
        arrays[f"weight{index}"] = layer.weight.numpy()
        arrays[f"bias{index}"] = layer.bias.numpy()
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with motion/")
    archive = parser.parse_args().data / "motion" / "smartbody-skm.tar.xz"
    clips = [clip for clip in read_smartbody(archive) if not is_test_clip(clip.name)]
    gestures = read_windows([clip for clip in clips if is_conversational(clip)])
    others = read_windows([clip for clip in clips if not is_conversational(clip)])
    print(f"{len(gestures)} windows of gestures and idles, {len(others)} of other motion")
    arrays = train(gestures, others)
    np.savez_compressed(FILE, **{name: np.asarray(a, np.float16) for name, a in arrays.items()})
    print(f"{FILE.name}: {FILE.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
