"""Training configuration: one TOML file for all stages."""

import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError
from umo_runtime.types import FRAMES_PER_KEYFRAME

_KINDS = {int: "a whole number", float: "a number", str: "a text", Path: "a path"}


@dataclass(frozen=True, slots=True)
class CorporaConfig:
    """Where the data lies. Paths are relative to the configuration file.

    Attributes:
        librispeech: folder or tar of recordings.
        alignment: word and phone times of LibriSpeech, JSON lines.
        smartbody: folder or tar of SmartBody motion.
        facegood: folder of face captures.
        more_alignments: further word and phone times of LibriSpeech; of an utterance that is in
            several files the last counts.
        ljspeech: folder or tar of LJ Speech, to be given with `ljspeech_alignment`.
        ljspeech_alignment: word and phone times of LJ Speech, JSON lines.
        voices: folders of generated speech with its times, see `labelled_speech`.
        performances: how many different performances each take of speech is given.
        hearings: how many times stage 3 hears each take: once clean, the others augmented.
        max_takes: use only this many takes; 0 uses all.
        workers: processes that make takes; 0 takes one per core.
    """

    librispeech: Path
    alignment: Path
    smartbody: Path
    facegood: Path
    more_alignments: tuple[Path, ...] = ()
    ljspeech: Path | None = None
    ljspeech_alignment: Path | None = None
    voices: tuple[Path, ...] = ()
    performances: int = 2
    hearings: int = 4
    max_takes: int = 0
    workers: int = 0

    def __post_init__(self) -> None:
        """Refuse to make no data, and speech without times."""
        _require_positive(self, "performances", "hearings")
        if (self.ljspeech is None) != (self.ljspeech_alignment is None):
            raise ConfigError("one of ljspeech and ljspeech_alignment is missing; give both")


@dataclass(frozen=True, slots=True)
class PhaseConfig:
    """One optimisation run inside a stage.

    Attributes:
        steps: optimiser steps.
        batch: crops per step.
        frames: motion frames per crop, a multiple of 4, at least 8.
        learning_rate: peak; warmed up linearly, then cosine to a twentieth.
        save_every: steps between checkpoints.
        own_history: share of a batch, below 1, that is predicted from what the predictor drew
            itself; stage 3 only.
    """

    steps: int
    batch: int = 64
    frames: int = 128
    learning_rate: float = 5e-4
    save_every: int = 500
    own_history: float = 0.25

    def __post_init__(self) -> None:
        """Refuse phases that cannot run."""
        _require_positive(self, "steps", "batch", "learning_rate", "save_every")
        if self.frames < 8 or self.frames % FRAMES_PER_KEYFRAME:
            raise ConfigError(f"frames is {self.frames}; give a multiple of 4, at least 8")
        if not 0 <= self.own_history < 1:
            raise ConfigError(f"own_history is {self.own_history}; give a share from 0 to below 1")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything a training run depends on.

    Attributes:
        run: folder for checkpoints and curves.
        seed: of weights, data order and augmentation.
        device: torch device.
        corpora: data.
        model: sizes.
        phases: by name, see `umo_runtime.training.stages`.
    """

    run: Path
    corpora: CorporaConfig
    phases: dict[str, PhaseConfig]
    seed: int = 0
    device: str = "cpu"
    model: ModelConfig = field(default_factory=ModelConfig)


def load_config(path: Path) -> TrainConfig:
    """Read a configuration.

    Raises:
        ConfigError: the file is missing, not TOML, lacks a name or holds an unknown name or an
            impossible value.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path} ({error.strerror}); give a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    folder = path.resolve().parent
    phases = {
        name: _build(PhaseConfig, sizes, f"phases.{name}", folder)
        for name, sizes in _table(raw.pop("phases", {}), "phases").items()
    }
    values = {
        "run": "runs/base",
        **raw,
        "corpora": _build(CorporaConfig, raw.get("corpora", {}), "corpora", folder),
        "phases": phases,
        "model": ModelConfig.from_dict(_table(raw.get("model", {}), "model")),
    }
    return _build(TrainConfig, values, "the file", folder)


def _build(kind: Any, values: Any, where: str, folder: Path) -> Any:
    types = {item.name: item.type for item in fields(kind)}
    if unknown := sorted(set(_table(values, where)) - set(types)):
        raise ConfigError(f"{where} has unknown names {unknown}; known: {sorted(types)}")
    checked = {
        name: _checked(value, types[name], f"{name} in {where}", folder)
        for name, value in values.items()
    }
    try:
        return kind(**checked)
    except TypeError as error:
        raise ConfigError(f"{where} is incomplete: {error}; known: {sorted(types)}") from error
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {value!r}; make it a table, [{where}]")
    return value


def _checked(value: Any, kind: Any, what: str, folder: Path) -> Any:
    """The value as its type; paths and numbers are the only ones that differ from TOML's."""
    if kind == tuple[Path, ...]:
        if type(value) is not list:
            raise ConfigError(f"{what} is {value!r}; give a list of paths")
        return tuple(_checked(item, Path, what, folder) for item in value)
    if kind == Path | None:
        kind = Path
    if kind is float and type(value) is int:
        return float(value)
    expected = str if kind is Path else kind
    if kind in _KINDS and type(value) is not expected:
        raise ConfigError(f"{what} is {value!r}; give {_KINDS[kind]}")
    if kind is int and value < 0:
        raise ConfigError(f"{what} is {value}; give 0 or more")
    return folder / value if kind is Path else value


def _require_positive(config: Any, *names: str) -> None:
    for name in names:
        if not 0 < getattr(config, name) < math.inf:
            raise ConfigError(f"{name} is {getattr(config, name)}; give a number above 0")
