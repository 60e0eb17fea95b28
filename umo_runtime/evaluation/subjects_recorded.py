"""Recordings as subjects: what was made elsewhere from the same speech."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects import Subject
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FRAME_RATE_HZ, FloatArray

# What is read of a recording, and the shape of its frames.
_SHAPES = {"rotations": (NUM_BONES, 4), "root_position": (3,), "blendshapes": (NUM_BLENDSHAPES,)}


def recordings(name: str, folder: Path) -> Subject:
    """Lips that were recorded elsewhere from the same speech, `CASE.npz` in a folder."""

    def perform(case: Case) -> Performance:
        return read_performance(folder / f"{case.name}.npz", case.utterance.samples)

    return Subject(name, perform)


def one_recording(path: Path) -> Subject:
    """The recording of the only utterance there is."""
    return Subject(
        path.stem,
        lambda case: read_performance(path, case.utterance.samples),
        has_eyes=True,
    )


def write_performance(performance: Performance, path: Path) -> None:
    """Write what `read_performance` reads."""
    arrays = {name: getattr(performance, name) for name in _SHAPES}
    np.savez_compressed(path, fps=performance.fps, **arrays)


def read_performance(path: Path, samples: FloatArray) -> Performance:
    """Read a `.npz` recording with its speech [N], as 30 frames a second.

    Raises:
        CorpusError: it is missing or not such a recording.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rate = float(arrays["fps"]) / FRAME_RATE_HZ
            kept = {name: arrays[name] for name in _SHAPES}
    except FileNotFoundError:
        raise CorpusError(f"{path} does not exist; make it with `umo run --record`") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise CorpusError(
            f"{path} is not a recording ({error}); expected the .npz that `umo run --record` writes"
        ) from error
    frames = {len(array) for array in kept.values() if array.ndim}
    shapes = {name: array.shape[1:] for name, array in kept.items()}
    if shapes != _SHAPES or len(frames) != 1 or 0 in frames or rate not in (1, 2):
        raise CorpusError(
            f"{path} holds {shapes} at {rate * FRAME_RATE_HZ:g} fps; expected {_SHAPES} for every "
            "frame at 30 or 60 fps, record it again"
        )
    every = int(rate)  # 60 fps hold all frames of 30 fps
    at_30_fps = {name: array[::every] for name, array in kept.items()}
    return Performance.of({"fps": np.array(FRAME_RATE_HZ), **at_30_fps}, samples)
