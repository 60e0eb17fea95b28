"""Opens the recorder that a file's suffix asks for."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from engine_bridge.atomic_file import AtomicFile
from engine_bridge.bvh_recording import BvhRecording
from engine_bridge.frame_sink import FrameSink
from engine_bridge.glb_recording import fill_glb
from engine_bridge.gltf_recording import GltfRecording
from engine_bridge.live_link_csv import LiveLinkCsv
from engine_bridge.npz_recording import NpzRecording
from engine_bridge.recorder import Recorder, RecordingFormat
from engine_bridge.vrma_recording import fill_vrma
from umo_runtime.errors import ConfigError, OutputError

_FORMATS: Mapping[str, Callable[[BinaryIO, float, str], RecordingFormat]] = MappingProxyType(
    {
        ".npz": NpzRecording,
        ".bvh": lambda stream, fps, _: BvhRecording(stream, fps),
        ".csv": lambda stream, fps, _: LiveLinkCsv(stream, fps),
        ".vrma": lambda stream, fps, _: GltfRecording(stream, fps, fill_vrma),
        ".glb": lambda stream, fps, _: GltfRecording(stream, fps, fill_glb),
    }
)
RECORDING_SUFFIXES = tuple(_FORMATS)


def open_recorder(path: str | Path, fps: float, audio_path: str | Path | None = None) -> FrameSink:
    """Open a recording; the target is checked now and written at `close`.

    Args:
        path: where to; its suffix, in any case, names the format (`RECORDING_SUFFIXES`).
        fps: the rate of the frames, > 0.
        audio_path: the speech that belongs to the motion; only `.npz` can hold it.

    Raises:
        OutputError: the suffix is unknown, the folder is missing or cannot be written, or the
            target is a folder.
        ConfigError: `fps` is out of range.
    """
    path = Path(path)
    make = _FORMATS.get(path.suffix.lower())
    if make is None:
        known = ", ".join(RECORDING_SUFFIXES)
        raise OutputError(
            f"cannot tell the format of {str(path)!r}; end its name in one of {known}"
        )
    if not (math.isfinite(fps) and fps > 0):
        raise ConfigError(f"fps is {fps}; give a number above 0, for example 30")
    file = AtomicFile(path)
    try:
        return Recorder(file, make(file.stream, fps, "" if audio_path is None else str(audio_path)))
    except OSError as error:
        file.discard()
        raise OutputError(f"cannot write {str(path)!r}: {error.strerror}; free space") from error
