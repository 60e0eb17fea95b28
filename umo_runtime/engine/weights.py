"""Reads and checks a folder of exported networks."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from umo_runtime.config import FORMAT_VERSION, MANIFEST_NAME, ModelConfig
from umo_runtime.errors import ConfigError, WeightsError
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.types import FloatArray

Array = npt.NDArray[Any]
NETWORK_NAMES = ("tokenizer", "predictor", "interpolator")
_REPAIR = "reinstall umo-runtime or give another folder with --weights"


@dataclass(frozen=True, slots=True)
class StateTensor:
    """One piece of a network's streaming state, or one ring of its memory.

    Attributes:
        name: ONNX input; the output is called the same with `_next`, or `_written` for a ring.
        initial: one stream's value before it has heard anything, without the batch axis.
    """

    name: str
    initial: Array


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """One exported network.

    Attributes:
        content: the ONNX file, checksum verified.
        inputs: names of the inputs that are not state.
        outputs: names of the outputs that are not state.
        state: streaming state, in the file's order; a step replaces it.
        rings: memory of the last W steps, [H, W, ...] each; step n replaces slot n modulo W.
    """

    content: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    state: tuple[StateTensor, ...]
    rings: tuple[StateTensor, ...]

    @property
    def kept(self) -> tuple[StateTensor, ...]:
        """All that a stream keeps from step to step: state, then rings."""
        return (*self.state, *self.rings)

    @property
    def input_names(self) -> tuple[str, ...]:
        """All inputs of the file."""
        return (*self.inputs, *(part.name for part in self.kept))

    @property
    def output_names(self) -> tuple[str, ...]:
        """All outputs of the file."""
        state = (f"{part.name}_next" for part in self.state)
        return (*self.outputs, *state, *(f"{part.name}_written" for part in self.rings))

    def check(self, shapes: Mapping[str, Sequence[Any]], outputs: Collection[str]) -> None:
        """Compare what the manifest says of the network with what the ONNX file says.

        Args:
            shapes: of the ONNX file's inputs by name, without the batch axis.
            outputs: names of the ONNX file's outputs.

        Raises:
            WeightsError: they differ.
        """
        kept = {part.name: part.initial.shape for part in self.kept}
        if (
            shapes.keys() != set(self.input_names)
            or any(tuple(shapes[name]) != shape for name, shape in kept.items())
            or set(outputs) != set(self.output_names)
        ):
            raise WeightsError(
                "the manifest of the weights describes other networks than lie beside it; "
                "export them again or reinstall umo-runtime"
            )


@dataclass(frozen=True, slots=True)
class Weights:
    """A checked set of networks.

    Attributes:
        folder: where they lie.
        model: sizes.
        rest_pose: [P] pose of keyframe 0.
        networks: by name, see NETWORK_NAMES.
    """

    folder: Path
    model: ModelConfig
    rest_pose: FloatArray
    networks: dict[str, NetworkFile]


def bundled_folder() -> Path:
    """Folder of the weights that the package ships."""
    return Path(str(resources.files("umo_runtime"))) / "weights"


def load_weights(folder: Path) -> Weights:
    """Read a folder of networks.

    Raises:
        WeightsError: something is missing, corrupted or of another version.
    """
    manifest = _read_manifest(folder / MANIFEST_NAME)
    try:
        if manifest["format"] != FORMAT_VERSION:
            raise WeightsError(
                f"{folder} holds weights of format {manifest['format']}, this version reads "
                f"{FORMAT_VERSION}; {_REPAIR}"
            )
        return Weights(
            folder,
            ModelConfig.from_dict(manifest["model"]),
            _rest_pose(manifest["rest_pose"]),
            {
                name: _read_network(folder, name, manifest["networks"][name])
                for name in NETWORK_NAMES
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError, ConfigError) as error:
        raise WeightsError(
            f"{folder / MANIFEST_NAME} is corrupted ({error!r}); {_REPAIR}"
        ) from error


def _read_manifest(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise WeightsError(f"no weights in {path.parent} ({error.strerror}); {_REPAIR}") from error
    except ValueError as error:
        raise WeightsError(f"{path} is corrupted ({error}); {_REPAIR}") from error


def _rest_pose(values: Any) -> FloatArray:
    pose = np.array(values, np.float32)
    if pose.shape != (POSE_DIM,):
        raise ValueError(f"rest_pose has shape {pose.shape}, not {(POSE_DIM,)}")
    return pose


def _read_network(folder: Path, name: str, spec: dict[str, Any]) -> NetworkFile:
    path = folder / f"{name}.onnx"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path} ({error.strerror}); {_REPAIR}") from error
    if hashlib.sha256(content).hexdigest() != spec["sha256"]:
        raise WeightsError(f"{path} is corrupted (wrong checksum); {_REPAIR}")
    state, rings = (
        tuple(StateTensor(part["name"], _initial(part)) for part in spec[kind])
        for kind in ("state", "rings")
    )
    return NetworkFile(content, tuple(spec["inputs"]), tuple(spec["outputs"]), state, rings)


def _initial(part: dict[str, Any]) -> Array:
    dtype = np.dtype(part["dtype"])
    if part["initial"] is None:
        return np.zeros(part["shape"], dtype)
    return np.array(part["initial"], dtype).reshape(part["shape"])
