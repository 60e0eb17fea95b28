"""Exports networks of any size that nobody has trained: they take the time of trained ones.

    python -m benchmarks.untrained large weights-large

`large` has a predictor of half a thousand million parameters, the size of small language models.
"""

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from umo_runtime.config import TEXT_NAME, ModelConfig
from umo_runtime.engine.weights import bundled_folder
from umo_runtime.export.bundle import export_networks
from umo_runtime.export.checkpoint import TrainedNetworks
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer

SIZES = {
    "base": ModelConfig(),
    "large": replace(
        ModelConfig(),
        d_model=1024,
        num_layers=14,
        num_heads=16,
        num_kv_heads=4,
        shared_hidden=4096,
        expert_hidden=2048,
        depth_model=576,  # a multiple of the 48 of a head
        depth_layers=4,
        depth_hidden=1024,
    ),
}


def export(config: ModelConfig, folder: Path) -> int:
    """Write a folder of weights; returns the predictor's parameters."""
    torch.manual_seed(0)
    tokenizer, motion = AudioTokenizer(config), MotionTokenizer(config)
    predictor = KeyframePredictor(config, tokenizer.quantizer, motion)
    networks = TrainedNetworks(tokenizer, predictor, Interpolator(config), steps={})
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(bundled_folder() / TEXT_NAME, folder / TEXT_NAME)
    export_networks(networks, config, folder, lambda name: print(f"exporting {name}", flush=True))
    return sum(part.numel() for part in predictor.parameters())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=tuple(SIZES))
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    count = export(SIZES[args.size], args.folder)
    print(f"{args.folder}: a predictor of {count / 1e6:.0f} million parameters")


if __name__ == "__main__":
    main()
