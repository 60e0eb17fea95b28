"""Trained networks out of a run folder's checkpoints (written by `umo train`)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.errors import WeightsError
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer

PHASES = ("motion_tokenizer", "alignment", "synchronisation")


@dataclass(frozen=True, slots=True)
class TrainedNetworks:
    """The networks of one run.

    Attributes:
        tokenizer: audio tokenizer.
        predictor: keyframe predictor with its motion tokenizer.
        interpolator: dense frames.
        steps: optimiser steps by phase.
    """

    tokenizer: AudioTokenizer
    predictor: KeyframePredictor
    interpolator: Interpolator
    steps: dict[str, int]


def load_run(run: Path, config: ModelConfig) -> TrainedNetworks:
    """Read the checkpoints of a run.

    Raises:
        WeightsError: a stage has not been trained, or with other sizes, or its file is corrupted.
    """
    content = {phase: _read(run / f"{phase}.pt") for phase in PHASES}
    tokenizer, interpolator = AudioTokenizer(config), Interpolator(config)
    predictor = KeyframePredictor(config, tokenizer.quantizer, MotionTokenizer(config))
    heard = content["alignment"]["network"]
    _fit(tokenizer, _part(heard, "tokenizer."), run)
    _fit(interpolator, _part(heard, "interpolator."), run)
    _fit(predictor, content["synchronisation"]["network"], run)
    steps = {phase: checkpoint["step"] for phase, checkpoint in content.items()}
    return TrainedNetworks(tokenizer.eval(), predictor.eval(), interpolator.eval(), steps)


def _read(path: Path) -> dict[str, Any]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        return {"network": dict(checkpoint["network"]), "step": int(checkpoint["step"])}
    except OSError as error:
        raise WeightsError(f"no checkpoint {path}; run `umo train` for all stages first") from error
    except Exception as error:  # torch raises many kinds for a file that it did not write
        raise WeightsError(
            f"checkpoint {path} is corrupted ({type(error).__name__}); train its stage again"
        ) from error


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def _fit(network: nn.Module, state: dict[str, Tensor], run: Path) -> None:
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise WeightsError(
            f"the checkpoints of {run} do not fit the configured model "
            f"({str(error).splitlines()[0]}); give the configuration it was trained with"
        ) from error
