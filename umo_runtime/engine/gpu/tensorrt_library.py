"""Finds TensorRT: the full library, or the one for RTX cards, whichever is installed."""

import importlib
import subprocess
import sys
from typing import Any

from umo_runtime.errors import MissingExtraError, UmoError, WeightsError

_NAMES = ("tensorrt", "tensorrt_rtx")
_PROBE = "from umo_runtime.engine.gpu.tensorrt_library import obstacle; print(obstacle() or '')"
_PROBE_SECONDS = 120.0


def tensorrt() -> Any:
    """The library's module.

    Raises:
        MissingExtraError: none is installed.
    """
    for name in _NAMES:
        try:
            return importlib.import_module(name)
        except (ImportError, OSError):  # absent, or without its shared libraries
            continue
    raise MissingExtraError("tensorrt_rtx", "tensorrt")


def new_logger(library: Any) -> Any:
    """A logger for TensorRT that is silent and keeps the last error in `last_error`."""

    class Logger(library.ILogger):  # type: ignore[misc]  # the library has no types
        def __init__(self) -> None:
            super().__init__()
            self.last_error = ""

        def log(self, severity: Any, message: str) -> None:
            if severity in (library.ILogger.ERROR, library.ILogger.INTERNAL_ERROR):
                self.last_error = " ".join(message.split())

    return Logger()


def deserialize(library: Any, logger: Any, engine: bytes) -> tuple[Any, Any]:
    """The runtime, which must outlive the engine, and the engine.

    Raises:
        WeightsError: this machine cannot run it.
    """
    runtime = library.Runtime(logger)
    loaded = runtime.deserialize_cuda_engine(engine)
    if loaded is None:
        raise WeightsError(
            f"{library.__name__} {library.__version__} cannot run here "
            f"({logger.last_error or 'no reason given'}); use the torch backend"
        )
    return runtime, loaded


def probe() -> str | None:
    """Why TensorRT cannot be used on this machine, in one line; None if it can.

    It is tried in a process of its own, because with an unfit driver the library may end it.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"TensorRT could not be tried ({error})"
    if done.returncode:
        return f"TensorRT ended the process that tried it (status {done.returncode})"
    return done.stdout.strip().rpartition("\n")[2] or None


def obstacle() -> str | None:
    """What `probe` says, found in this process, which may end by it."""
    try:
        _run_something()
    except UmoError as error:
        return str(error)
    return None


def _run_something() -> None:
    """Build a small network and load it."""
    library = tensorrt()
    logger = new_logger(library)
    builder = library.Builder(logger)
    network = builder.create_network(strongly_typed(library))
    given = network.add_input("x", library.float32, (1,))
    network.mark_output(network.add_activation(given, library.ActivationType.RELU).get_output(0))
    engine = builder.build_serialized_network(network, builder.create_builder_config())
    if engine is None:
        raise WeightsError(f"{library.__name__} cannot build a network ({logger.last_error})")
    deserialize(library, logger, bytes(engine))


def strongly_typed(library: Any) -> int:
    """Flags of a network whose precision is that of the ONNX file."""
    return 1 << int(library.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
