"""The model as a subject of evaluation: speech through the whole graph, as `umo run` does it."""

import zlib
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.graph import build_graph
from umo_runtime.cli.engine import open_engine
from umo_runtime.clock import MonotonicClock
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray, MotionFrame

if TYPE_CHECKING:  # needs the train extra
    from umo_runtime.evaluation.performance import Performance
    from umo_runtime.evaluation.splits import Case
    from umo_runtime.evaluation.subjects import Subject

_STREAM = "main"


class _Frames:
    """Keeps the frames of one run."""

    def __init__(self) -> None:
        self.frames: list[MotionFrame] = []

    def write(self, frame: MotionFrame) -> None:
        """Keep one."""
        self.frames.append(frame)

    def close(self) -> None:
        """Nothing to finish."""

    def abort(self) -> None:
        """Nothing to take back."""

    def performance(self, samples: FloatArray) -> "Performance":
        """All frames with their speech."""
        from umo_runtime.evaluation.performance import Performance

        return Performance(
            float(FRAME_RATE_HZ),
            np.stack([frame.rotations for frame in self.frames]),
            np.stack([frame.root_position for frame in self.frames]),
            np.stack([frame.blendshapes for frame in self.frames]),
            samples,
        )


def model_subject(weights: Path | None, seed: int, num_seeds: int = 1) -> "Subject":
    """Load the model once and let it perform.

    Args:
        weights: folder of exported networks; None for the bundled ones.
        seed: of its motion; every utterance has its own, whatever is measured with it.
        num_seeds: performs with this many, from `seed` on.
    """
    from umo_runtime.evaluation.subjects import Subject

    engine, clock = open_engine(weights), MonotonicClock()

    def perform(own_seed: int, case: "Case") -> "Performance":
        samples = case.utterance.samples
        own = zlib.crc32(case.utterance.name.encode()) + own_seed
        sink = _Frames()
        with TemporaryDirectory() as folder:
            speech = Path(folder) / "speech.wav"
            soundfile.write(speech, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
            graph = build_graph(engine, seeds={_STREAM: own})
            run_embedded([FileSource(speech, clock, _STREAM)], graph, [sink], clock)
        return sink.performance(samples)

    first, *again = (partial(perform, own_seed) for own_seed in range(seed, seed + num_seeds))
    return Subject("model", first, has_eyes=True, has_body=True, again=tuple(again))
