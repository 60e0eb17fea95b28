"""The tiny networks trained by nobody, exported once for all tests of a session."""

import functools
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.umo_runtime.predictor.tiny_networks import (
    TINY,
    as_stored,
    tiny_interpolator,
    tiny_motion,
    tiny_predictor,
    tiny_tokenizer,
)
from umo_runtime.export.bundle import export_bundle
from umo_runtime.export.checkpoint import TrainedNetworks, load_run
from umo_runtime.tokenizer.text import TextTokenizer

STEPS = {"motion_tokenizer": 3, "alignment": 2, "synchronisation": 1}


@dataclass(frozen=True)
class TinyBundle:
    """What an export starts from and what it makes.

    Attributes:
        run: folder of the checkpoints.
        folder: exported weights.
        networks: the PyTorch twins, rounded as the files are.
        reports: what the export said while it worked.
    """

    run: Path
    folder: Path
    networks: TrainedNetworks
    reports: tuple[str, ...]


def write_run(run: Path) -> None:
    """Write the checkpoints of all phases as `umo train` does."""
    tokenizer, interpolator = tiny_tokenizer(), tiny_interpolator()
    heard = {f"tokenizer.{name}": value for name, value in tokenizer.state_dict().items()}
    heard |= {f"interpolator.{name}": value for name, value in interpolator.state_dict().items()}
    states: dict[str, dict[str, Any]] = {
        "motion_tokenizer": tiny_motion().state_dict(),
        "alignment": heard,
        "synchronisation": tiny_predictor(tokenizer).state_dict(),
    }
    for phase, state in states.items():
        torch.save({"step": STEPS[phase], "network": state}, run / f"{phase}.pt")
    TextTokenizer.train(["one two three four"], TINY.text_codes).save(run / "text.json")


@functools.cache
def exported_once(session_folder: Path) -> TinyBundle:
    """Export into the session's folder; half a minute on the first call."""
    torch.set_num_threads(1)  # tensors this small only wait for a second thread
    run, folder = session_folder / "tiny_run", session_folder / "tiny_weights"
    run.mkdir()
    write_run(run)
    reports: list[str] = []
    with warnings.catch_warnings():  # of the exporter's own making
        warnings.filterwarnings("ignore", ".*LeafSpec.* is deprecated", FutureWarning)
        warnings.filterwarnings("ignore", "# The axis name: batch will not be used", UserWarning)
        export_bundle(run, TINY, folder, reports.append)
    networks = load_run(run, TINY)
    for network in (networks.tokenizer, networks.predictor, networks.interpolator):
        as_stored(network.requires_grad_(False))
    return TinyBundle(run, folder, networks, tuple(reports))
