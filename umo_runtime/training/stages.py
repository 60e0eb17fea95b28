"""The three training stages, each a run of phases in the same folder.

    foundation        motion_tokenizer, motion_prior
    alignment         alignment
    synchronisation   synchronisation

Stages 1 and 2 read takes; stage 3 reads tokens. Both are made once and kept in the run folder.
"""

from collections.abc import Callable

import torch

from umo_runtime.config import TEXT_NAME
from umo_runtime.errors import ConfigError
from umo_runtime.nn.residual_quantizer import ResidualQuantizer
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training.alignment import AlignmentTask, Hearing
from umo_runtime.training.config import PhaseConfig, TrainConfig
from umo_runtime.training.dataset import Dataset, train_text
from umo_runtime.training.foundation import MotionPriorTask, MotionTokenizerTask
from umo_runtime.training.held_out import hold_out
from umo_runtime.training.phase import load_network, run_phase
from umo_runtime.training.production import load_takes
from umo_runtime.training.synchronisation import SynchronisationTask
from umo_runtime.training.take_file import read_takes, save_takes
from umo_runtime.training.tokens import (
    TokenSet,
    digest_of,
    motion_tokens,
    saved_digest,
    tokenize_dataset,
)

TAKES_NAME = "takes.npz"
TOKENS_NAME = "tokens.npz"


def run_stage(stage: str, config: TrainConfig) -> None:
    """Run one stage to its end, resuming where it stopped.

    Raises:
        ConfigError: there is no such stage or device, or its phases are not configured.
        CorpusError: data is missing.
        WeightsError: an earlier stage has not been trained.
    """
    if stage not in STAGES:
        raise ConfigError(f"no training stage {stage!r}; choose one of {', '.join(STAGES)}")
    if config.device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f'device is "{config.device}" but no GPU is usable; set device = "cpu"')
    torch.set_float32_matmul_precision("high")
    torch.manual_seed(config.seed)
    config.run.mkdir(parents=True, exist_ok=True)
    STAGES[stage](config)


def _foundation(config: TrainConfig) -> None:
    coding, prior = _phase(config, "motion_tokenizer"), _phase(config, "motion_prior")
    data = _load_data(config)
    run_phase(MotionTokenizerTask(config.model, coding, data), coding, config.run, config.seed)
    motion = _motion_tokenizer(config)
    untrained = ResidualQuantizer(
        config.model.audio_levels, config.model.audio_codes, config.model.code_dim
    )
    predictor = KeyframePredictor(config.model, untrained, motion).to(config.device)
    task = MotionPriorTask(predictor, prior, motion_tokens(data, motion, config.model))
    run_phase(task, prior, config.run, config.seed)


def _alignment(config: TrainConfig) -> None:
    phase = _phase(config, "alignment")
    task = AlignmentTask(config.model, phase, _load_data(config))
    run_phase(task, phase, config.run, config.seed)


def _synchronisation(config: TrainConfig) -> None:
    phase = _phase(config, "synchronisation")
    motion, audio = _motion_tokenizer(config), _audio_tokenizer(config)
    predictor = KeyframePredictor(config.model, audio.quantizer, motion)
    _start_from_prior(config, predictor)
    tokens = _load_tokens(config, audio, motion).to(config.device)
    task = SynchronisationTask(predictor.to(config.device), phase, tokens)
    run_phase(task, phase, config.run, config.seed)


STAGES: dict[str, Callable[[TrainConfig], None]] = {
    "foundation": _foundation,
    "alignment": _alignment,
    "synchronisation": _synchronisation,
}


def _start_from_prior(config: TrainConfig, predictor: KeyframePredictor) -> None:
    """Take the motion prior's weights, but keep the audio codebooks that alignment learnt."""
    codebooks = {k: v.clone() for k, v in predictor.audio_quantizer.state_dict().items()}
    load_network(config.run / "motion_prior.pt", predictor)
    predictor.audio_quantizer.load_state_dict(codebooks)


def _motion_tokenizer(config: TrainConfig) -> MotionTokenizer:
    motion = MotionTokenizer(config.model)
    load_network(config.run / "motion_tokenizer.pt", motion)
    return motion.to(config.device).eval()


def _audio_tokenizer(config: TrainConfig) -> AudioTokenizer:
    hearing = Hearing(config.model)
    load_network(config.run / "alignment.pt", hearing)
    return hearing.tokenizer.to(config.device).eval()


def _phase(config: TrainConfig, name: str) -> PhaseConfig:
    try:
        return config.phases[name]
    except KeyError:
        raise ConfigError(
            f"the configuration has no [phases.{name}]; add one with `steps = ...`"
        ) from None


def _load_data(config: TrainConfig) -> Dataset:
    """Takes of this run, made once, and their vocabulary."""
    path = config.run / TAKES_NAME
    if not path.exists():
        save_takes(load_takes(config.corpora, config.seed), path)
    takes = read_takes(path)
    vocabulary = config.run / TEXT_NAME
    if not vocabulary.exists():
        train_text(takes, config.model.text_codes).save(vocabulary)
    training, held_out = hold_out(takes)
    text = TextTokenizer.load(vocabulary)
    return Dataset(training, text, config.model.text_slots, config.device, held_out)


def _load_tokens(config: TrainConfig, audio: AudioTokenizer, motion: MotionTokenizer) -> TokenSet:
    """Tokens of this run, made again when the tokenizers are not those that made them."""
    path, digest = config.run / TOKENS_NAME, digest_of(audio, motion)
    if saved_digest(path) != digest:
        chance = torch.Generator(config.device).manual_seed(config.seed)
        hearings = config.corpora.hearings
        tokenize_dataset(_load_data(config), audio, motion, hearings, chance).save(path, digest)
    return TokenSet.load(path)
