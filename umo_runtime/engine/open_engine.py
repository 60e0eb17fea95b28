"""Opens the engine that plays the characters, or the next best that this machine can run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from umo_runtime.engine.engine import Engine
from umo_runtime.engine.weights import bundled_folder, load_weights
from umo_runtime.errors import ConfigError, UmoError

if TYPE_CHECKING:  # imports torch
    from umo_runtime.engine.gpu.device_engine import DeviceEngine

BACKENDS = ("tensorrt", "torch", "onnxruntime")  # each can stand in for those before it
Report = Callable[[str], None]


def open_engine(
    folder: Path | None, capacity: int, backend: str, report: Report
) -> "Engine | DeviceEngine":
    """Load weights into the engine of a backend, or of the next one that works here.

    Args:
        folder: exported networks; default: the bundled ones.
        capacity: streams at most.
        backend: one of BACKENDS. tensorrt and torch need a GPU.
        report: told what takes long, and why a backend is not used.

    Raises:
        ConfigError: there is no such backend.
        WeightsError: the weights are missing, corrupted or of another version.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"backend is {backend!r}, not one of {', '.join(BACKENDS)}; name one")
    weights = load_weights(folder or bundled_folder())  # what is wrong with them no backend mends
    for candidate in BACKENDS[BACKENDS.index(backend) : -1]:
        try:
            from umo_runtime.engine.gpu.backends import open_gpu_engine

            return open_gpu_engine(weights, capacity, candidate, report)
        except UmoError as error:
            report(f"not using {candidate}: {error}")
        except ModuleNotFoundError as error:
            report(f"not using {candidate}: {error.name} is not installed")
    return Engine(weights.folder, capacity)
