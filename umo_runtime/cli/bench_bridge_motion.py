"""What the characters of `umo bench bridge` do: the shipped sample, each at a place of its own."""

from collections.abc import Sequence

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.frame_rate import FrameRate
from actors.graph import build_graph
from umo_runtime.cli.bench_speech import SAMPLE
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.progress import open_progress
from umo_runtime.cli.speech_job import SpeechJob, expected_frames
from umo_runtime.clock import Clock
from umo_runtime.types import MotionFrame

_FPS: FrameRate = 60
_APART = 7  # frames between neighbours, so that no two datagrams of a moment are alike

Motion = Sequence[MotionFrame]


def perform(clock: Clock) -> Motion:
    """The shipped sample at 60 frames a second."""
    kept = _Kept()
    bar = open_progress(expected_frames(SpeechJob(SAMPLE, fps=_FPS)))
    graph = build_graph(open_engine(None), _FPS)
    run_embedded([FileSource(SAMPLE, clock)], graph, [kept, bar], clock)
    return kept.frames


def shown(motion: Motion, avatar: int, index: int) -> MotionFrame:
    """What a character shows in a frame; it begins anew at the end."""
    return motion[(index + _APART * avatar) % len(motion)]


class _Kept:
    """A sink that keeps all frames."""

    def __init__(self) -> None:
        self.frames: list[MotionFrame] = []

    def write(self, frame: MotionFrame) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass
