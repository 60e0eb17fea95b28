"""Training configuration: one TOML file for all stages."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError


@dataclass(frozen=True, slots=True)
class CorporaConfig:
    """Where the data lies. Paths are relative to the configuration file.

    Attributes:
        librispeech: folder or tar of recordings.
        alignment: word and phone times of LibriSpeech, JSON lines.
        smartbody: folder or tar of SmartBody motion.
        facegood: folder of face captures.
        performances: how many different performances each take of speech is given.
        hearings: how many times stage 3 hears each take: once clean, the others augmented.
        max_takes: use only this many takes; 0 uses all.
        workers: processes that make takes; 0 takes one per core.
    """

    librispeech: Path
    alignment: Path
    smartbody: Path
    facegood: Path
    performances: int = 2
    hearings: int = 4
    max_takes: int = 0
    workers: int = 0


@dataclass(frozen=True, slots=True)
class PhaseConfig:
    """One optimisation run inside a stage.

    Attributes:
        steps: optimiser steps.
        batch: crops per step.
        frames: motion frames per crop, a multiple of 4.
        learning_rate: peak; warmed up linearly, then cosine to a twentieth.
        save_every: steps between checkpoints.
    """

    steps: int
    batch: int = 64
    frames: int = 128
    learning_rate: float = 5e-4
    save_every: int = 500


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
        ConfigError: the file is missing, not TOML, or holds an unknown or missing name.
    """
    try:
        raw = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"cannot read {path} ({error.strerror}); give a TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    folder = path.resolve().parent
    corpora = raw.pop("corpora", {})
    for name in ("librispeech", "alignment", "smartbody", "facegood"):
        if name in corpora:
            corpora[name] = folder / corpora[name]
    phases = {
        name: _build(PhaseConfig, sizes, f"phases.{name}")
        for name, sizes in raw.pop("phases", {}).items()
    }
    model = ModelConfig.from_dict(raw.pop("model", {}))
    raw["run"] = folder / raw.get("run", "runs/base")
    return _build(
        TrainConfig,
        {
            **raw,
            "corpora": _build(CorporaConfig, corpora, "corpora"),
            "phases": phases,
            "model": model,
        },
        "the file",
    )


def _build(kind: Any, values: dict[str, Any], where: str) -> Any:
    known = {item.name for item in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise ConfigError(f"{where} has unknown names {unknown}; known: {sorted(known)}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"{where} is incomplete: {error}; known: {sorted(known)}") from error
