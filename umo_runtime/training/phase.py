"""One optimisation run: steps, schedule, progress, curves, checkpoints that resume exactly."""

import math
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol, runtime_checkable

import torch
from rich.progress import Progress
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from umo_runtime.errors import WeightsError
from umo_runtime.training.config import PhaseConfig

_WARM_UP_STEPS = 200
_FINAL_RATE = 0.05
_MAX_GRADIENT_NORM = 1.0
_CURVE_EVERY = 20
_VALIDATE_EVERY = 250

Record = dict[int, dict[str, float]]


class Task(Protocol):
    """What a phase optimises.

    Attributes:
        name: of the phase, its checkpoint and its curves.
        network: everything whose state the phase changes.
    """

    name: str
    network: nn.Module

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Losses of one batch by name; `total` is optimised. All chance comes from `generator`."""
        ...


@runtime_checkable
class ValidatedTask(Task, Protocol):
    """A task that can tell how well it does on what it does not train on."""

    def validation_losses(self) -> dict[str, Tensor]:
        """Losses by name of one batch that is always the same; none without held-out takes."""
        ...


def run_phase(task: Task, config: PhaseConfig, folder: Path, seed: int) -> None:
    """Optimise until `config.steps`, resuming from the phase's checkpoint where there is one.

    A step depends only on the weights and on (seed, step), so a resumed run equals an unbroken one:
    exactly on a CPU, up to the order of additions on a GPU. What a task keeps from step to step
    it must therefore renew at every checkpoint.

    Raises:
        WeightsError: the checkpoint does not fit the network.
    """
    trainable = [value for value in task.network.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trainable, config.learning_rate, (0.9, 0.95), weight_decay=0.01)
    path = folder / f"{task.name}.pt"
    first, record = _resume(path, task.network, optimizer)
    task.network.train()
    with Progress() as progress, SummaryWriter(str(folder / "curves" / task.name)) as curves:
        bar = progress.add_task(task.name, total=config.steps, completed=first)
        for step in range(first, config.steps):
            losses = _optimise(task, optimizer, trainable, config, seed, step)
            is_last = step + 1 == config.steps
            if (step + 1) % _VALIDATE_EVERY == 0 or is_last:
                _validate(task, record, step + 1, curves)
            if step % _CURVE_EVERY == 0 or is_last:
                shown = {name: float(value.detach()) for name, value in losses.items()}
                _draw(curves, task.name, shown, step)
                progress.update(
                    bar, completed=step, description=_describe(task.name, shown, record)
                )
            if (step + 1) % config.save_every == 0 or is_last:
                save_checkpoint(path, task.network, optimizer, step + 1, record)
        progress.update(bar, completed=config.steps)
    task.network.eval()


def save_checkpoint(
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    step: int,
    validation: Record | None = None,
) -> None:
    """Write a checkpoint whole or not at all, with the validation losses of the steps so far."""
    partial = path.with_suffix(".partial")
    content = {
        "step": step,
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "validation": validation or {},
    }
    torch.save(content, partial)
    partial.replace(path)


def load_network(path: Path, network: nn.Module) -> int:
    """Load a phase's weights and return its steps.

    Raises:
        WeightsError: the checkpoint is missing, damaged or does not fit.
    """
    content = _read(path)
    try:
        network.load_state_dict(content["network"])
        return int(content["step"])
    except (RuntimeError, KeyError, TypeError) as error:
        last_line = str(error).splitlines()[-1].strip()
        raise WeightsError(
            f"checkpoint {path} does not fit the configured model ({last_line}); use the sizes it "
            "was trained with or another run folder"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsError(f"no checkpoint {path}; train the earlier stage first") from error
    except (RuntimeError, UnpicklingError, EOFError) as error:
        raise WeightsError(f"checkpoint {path} is damaged; delete it and train again") from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path} is not a checkpoint; delete it and train again")
    return content


def _resume(path: Path, network: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, Record]:
    if not path.exists():
        return 0, {}
    step, content = load_network(path, network), _read(path)
    optimizer.load_state_dict(content["optimizer"])
    return step, content.get("validation", {})


@torch.no_grad()
def _validate(task: Task, record: Record, step: int, curves: SummaryWriter) -> None:
    """Note how well the task does on held-out takes, where it can tell."""
    if not isinstance(task, ValidatedTask):
        return
    task.network.eval()
    losses = {name: float(value) for name, value in task.validation_losses().items()}
    task.network.train()
    if losses:
        record[step] = losses
        _draw(curves, f"{task.name}/held_out", losses, step)


def _draw(curves: SummaryWriter, group: str, values: dict[str, float], step: int) -> None:
    for name, value in values.items():
        curves.add_scalar(f"{group}/{name}", value, step)


def _describe(name: str, losses: dict[str, float], record: Record) -> str:
    held_out = f", held out {record[max(record)]['total']:.4f}" if record else ""
    return f"{name} {losses['total']:.4f}{held_out}"


def _optimise(
    task: Task,
    optimizer: torch.optim.Optimizer,
    trainable: list[nn.Parameter],
    config: PhaseConfig,
    seed: int,
    step: int,
) -> dict[str, Tensor]:
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * _schedule(step, config.steps)
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    torch.manual_seed(seed * 1_000_003 + step)  # dead-code reset draws from the global generator
    losses = task.losses(generator)
    optimizer.zero_grad(set_to_none=True)
    losses["total"].backward()
    nn.utils.clip_grad_norm_(trainable, _MAX_GRADIENT_NORM)
    optimizer.step()
    return losses


def _schedule(step: int, steps: int) -> float:
    warm_up = min(_WARM_UP_STEPS, max(1, steps // 10))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
