"""Writes the manifest that lies beside the exported networks: what the engine may rely on."""

import hashlib
import json
from pathlib import Path
from typing import Any

from torch import Tensor

from umo_runtime.config import FORMAT_VERSION, MANIFEST_NAME, ModelConfig
from umo_runtime.export.networks import NetworkSpec


def write_manifest(
    folder: Path,
    config: ModelConfig,
    specs: list[NetworkSpec],
    rest_pose: Tensor,
    card: dict[str, Any],
) -> None:
    """Describe the files of `folder`: checksums, names, one stream's initial state.

    Args:
        folder: holds `NAME.onnx` of every spec.
        config: sizes of the model.
        specs: the exported networks.
        rest_pose: [P] pose of keyframe 0.
        card: facts for the model card (steps, data, metrics).
    """
    manifest = {
        "format": FORMAT_VERSION,
        "model": config.as_dict(),
        "rest_pose": [round(float(value), 6) for value in rest_pose],
        "networks": {spec.name: _describe(folder, spec) for spec in specs},
        "card": card,
    }
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1) + "\n")


def _describe(folder: Path, spec: NetworkSpec) -> dict[str, Any]:
    content = (folder / f"{spec.name}.onnx").read_bytes()
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "inputs": list(spec.inputs),
        "outputs": list(spec.outputs),
        "state": _rows(spec.state_names, spec.state),
        "rings": _rows(spec.ring_names, spec.rings),
    }


def _rows(names: tuple[str, ...], parts: tuple[Tensor, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shape": list(part.shape[1:]),
            "dtype": str(part.dtype).removeprefix("torch."),
            "initial": _initial(part),
        }
        for name, part in zip(names, parts, strict=True)
    ]


def _initial(part: Tensor) -> list[float] | None:
    """Flat initial values, or None for all zeros."""
    return part.flatten().tolist() if part.any() else None
