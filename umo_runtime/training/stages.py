"""The three training stages, each a run of phases on the same data and folder.

foundation       motion_tokenizer, motion_prior
alignment        alignment
synchronisation  synchronisation
"""

from collections.abc import Callable

import torch

from umo_runtime.errors import ConfigError
from umo_runtime.nn.residual_quantizer import ResidualQuantizer
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training.alignment import AlignmentTask, Hearing
from umo_runtime.training.config import PhaseConfig, TrainConfig
from umo_runtime.training.dataset import Dataset, load_takes, read_takes, save_takes, train_text
from umo_runtime.training.foundation import MotionPriorTask, MotionTokenizerTask, encode_all
from umo_runtime.training.phase import load_network, run_phase
from umo_runtime.training.synchronisation import SynchronisationTask

TEXT_NAME = "text.json"


def run_stage(stage: str, config: TrainConfig) -> None:
    """Run one stage to its end, resuming where it stopped.

    Raises:
        ConfigError: there is no such stage, or its phases are not configured.
        CorpusError: data is missing.
        WeightsError: an earlier stage has not been trained.
    """
    if stage not in STAGES:
        raise ConfigError(f"no training stage {stage!r}; choose one of {', '.join(STAGES)}")
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(config.seed)
    config.run.mkdir(parents=True, exist_ok=True)
    STAGES[stage](config, _load_data(config))


def _foundation(config: TrainConfig, data: Dataset) -> None:
    phase = _phase(config, "motion_tokenizer")
    run_phase(MotionTokenizerTask(config.model, phase, data), phase, config.run, config.seed)
    motion = _motion_tokenizer(config, data)
    phase = _phase(config, "motion_prior")
    untrained = ResidualQuantizer(
        config.model.audio_levels, config.model.audio_codes, config.model.code_dim
    )
    predictor = KeyframePredictor(config.model, untrained, motion).to(config.device)
    task = MotionPriorTask(predictor, encode_all(motion, data), phase, data)
    run_phase(task, phase, config.run, config.seed)


def _alignment(config: TrainConfig, data: Dataset) -> None:
    phase = _phase(config, "alignment")
    task = AlignmentTask(config.model, phase, data, _motion_tokenizer(config, data))
    run_phase(task, phase, config.run, config.seed)


def _synchronisation(config: TrainConfig, data: Dataset) -> None:
    phase = _phase(config, "synchronisation")
    motion = _motion_tokenizer(config, data)
    hearing = Hearing(config.model)
    load_network(config.run / "alignment.pt", hearing)
    hearing.to(config.device).eval()
    predictor = KeyframePredictor(config.model, hearing.tokenizer.quantizer, motion)
    if not (config.run / "synchronisation.pt").exists():
        _start_from_prior(config, predictor)
    task = SynchronisationTask(
        predictor.to(config.device), hearing.tokenizer, encode_all(motion, data), phase, data
    )
    run_phase(task, phase, config.run, config.seed)


STAGES: dict[str, Callable[[TrainConfig, Dataset], None]] = {
    "foundation": _foundation,
    "alignment": _alignment,
    "synchronisation": _synchronisation,
}


def _start_from_prior(config: TrainConfig, predictor: KeyframePredictor) -> None:
    """Take the motion prior's weights, but keep the audio codebooks that alignment learnt."""
    codebooks = {k: v.clone() for k, v in predictor.audio_quantizer.state_dict().items()}
    load_network(config.run / "motion_prior.pt", predictor)
    predictor.audio_quantizer.load_state_dict(codebooks)


def _motion_tokenizer(config: TrainConfig, data: Dataset) -> MotionTokenizer:
    motion = MotionTokenizer(config.model)
    load_network(config.run / "motion_tokenizer.pt", motion)
    return motion.to(data.pose.device).eval()


def _phase(config: TrainConfig, name: str) -> PhaseConfig:
    try:
        return config.phases[name]
    except KeyError:
        raise ConfigError(
            f"the configuration has no [phases.{name}]; add one with `steps = ...`"
        ) from None


def _load_data(config: TrainConfig) -> Dataset:
    """Takes of this run, made once, and their vocabulary."""
    path = config.run / "takes.npz"
    if not path.exists():
        save_takes(load_takes(config.corpora, config.seed), path)
    takes = read_takes(path)
    vocabulary = config.run / TEXT_NAME
    if not vocabulary.exists():
        train_text(takes, config.model.text_codes).save(vocabulary)
    return Dataset(takes, TextTokenizer.load(vocabulary), config.model.text_slots, config.device)
