"""Engines on disk: compiled once, and loaded only where this cache has written them.

An engine is machine code of the library's own format, so a foreign file must not reach it. A record
`KEY.json` names the engine's file by its checksum; both belong to the user and to nobody else.
"""

import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from umo_runtime.engine.gpu.tensorrt_builder import REVISION, build_engine
from umo_runtime.engine.gpu.tensorrt_library import tensorrt

_log = logging.getLogger(__name__)


def engine_folder() -> Path:
    """Where engines lie if nothing else is said."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "umo" / "engines"


def cached_engine(
    content: bytes,
    max_batch: int,
    report: Callable[[str], None],
    *,
    tf32: bool = False,
    folder: Path | None = None,
) -> bytes:
    """A network's engine, compiled if this machine has not done so before.

    Args:
        content: the ONNX file.
        max_batch: the largest batch.
        report: told what is done next; not called where the engine lies ready.
        tf32: whether matrix products of float32 may round their operands.
        folder: of the cache; default: `engine_folder`.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: it cannot compile the network.
    """
    folder = folder or engine_folder()
    origin = _origin(content, max_batch, tf32)
    key = hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()
    record = folder / f"{key}.json"
    engine = _read(record, origin)
    if engine is None:
        engine = build_engine(content, max_batch, report, tf32)
        try:
            _write(record, origin, engine)
        except OSError as error:
            _log.warning("cannot keep an engine in %s (%s); it will be built again", folder, error)
    return engine


def _origin(content: bytes, max_batch: int, tf32: bool) -> dict[str, Any]:
    """All that an engine depends on."""
    library = tensorrt()
    return {
        "onnx": hashlib.sha256(content).hexdigest(),
        "library": [library.__name__, library.__version__],
        "builder": REVISION,
        "processor": _processor(library),
        "batch": [1, max_batch],
        "tf32": tf32,
    }


def _processor(library: Any) -> str:
    """Which GPU an engine is for; engines for RTX cards are for all of them."""
    if library.__name__ == "tensorrt_rtx":
        return "portable"
    import torch

    if not torch.cuda.is_available():
        return "none"
    return "sm_{}{}".format(*torch.cuda.get_device_capability())


def _read(record: Path, origin: Mapping[str, Any]) -> bytes | None:
    """The recorded engine; None if there is none or it must not be trusted."""
    if not record.exists():
        return None
    try:
        found = json.loads(_read_own(record))
        engine = _read_own(_engine_file(record, found["engine"]))
        if found["origin"] == origin and hashlib.sha256(engine).hexdigest() == found["engine"]:
            return engine
        reason = "it has been changed"
    except (OSError, ValueError, LookupError, TypeError) as error:
        reason = str(error)
    _log.warning("not loading the engine of %s (%s); building it again", record, reason)
    return None


def _read_own(path: Path) -> bytes:
    """A file that only this user can write.

    Raises:
        PermissionError: it is another's, or others may write it.
    """
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        is_own = not hasattr(os, "getuid") or (
            about.st_uid == os.getuid() and not about.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        )
        if not is_own:
            raise PermissionError(f"others have access to {path}")
        return file.read()


def _write(record: Path, origin: Mapping[str, Any], engine: bytes) -> None:
    checksum = hashlib.sha256(engine).hexdigest()
    record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(_engine_file(record, checksum), engine)
    _replace(record, json.dumps({"engine": checksum, "origin": origin}).encode())


def _engine_file(record: Path, checksum: str) -> Path:
    return record.with_name(f"{checksum}.engine")


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once and with access for its owner alone."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
