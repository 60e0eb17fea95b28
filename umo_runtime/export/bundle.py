"""A run folder to a folder of weights that the engine loads."""

import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from umo_runtime.config import TEXT_NAME, ModelConfig
from umo_runtime.errors import WeightsError
from umo_runtime.export.checkpoint import TrainedNetworks, load_run
from umo_runtime.export.manifest import write_manifest
from umo_runtime.export.networks import interpolator_spec, predictor_spec, tokenizer_spec
from umo_runtime.export.onnx_export import export_network


def export_bundle(
    run: Path, config: ModelConfig, folder: Path, report: Callable[[str], None]
) -> None:
    """Export a trained run.

    Args:
        run: folder with the checkpoints and vocabulary of all stages.
        config: sizes the run was trained with.
        folder: where the files go; made if missing.
        report: told the name of each file before it is made.

    Raises:
        WeightsError: a stage has not been trained, or with other sizes.
    """
    networks = load_run(run, config)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(run / TEXT_NAME, folder / TEXT_NAME)
    except OSError as error:
        raise WeightsError(f"no vocabulary in {run} ({error.strerror}); train first") from error
    export_networks(networks, config, folder, report)


def export_networks(
    networks: TrainedNetworks, config: ModelConfig, folder: Path, report: Callable[[str], None]
) -> None:
    """Write the ONNX files and their manifest.

    Args:
        networks: to export.
        config: their sizes.
        folder: where the files go; it is there.
        report: told the name of each file before it is made.
    """
    motion = networks.predictor.motion
    with torch.no_grad():
        rest_codes = motion.encode(motion.rest)
        rest_pose = motion(rest_codes)
    specs = [
        tokenizer_spec(networks.tokenizer),
        predictor_spec(networks.predictor, rest_codes),
        interpolator_spec(networks.interpolator, config.audio_channels),
    ]
    for spec in specs:
        report(f"{spec.name}.onnx")
        export_network(spec, folder / f"{spec.name}.onnx")
    write_manifest(folder, config, specs, rest_pose, {"steps": networks.steps})
