"""What `umo run` and `umo demo` have in common: one speech file through the graph."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actors.audio_capture import FileSource
from actors.embedded import RunReport, run_embedded
from actors.frame_rate import FrameRate
from actors.graph import SpeechGraph, build_graph
from actors.pacing import Pacer, playout_delay_s
from engine_bridge import FrameSink, open_recorder, open_sink
from umo_runtime.audio.framing import num_frames
from umo_runtime.audio.speech_file import SpeechReader
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.progress import open_progress
from umo_runtime.cli.transcript import place_transcript, place_transcript_file
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.types import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from umo_runtime.engine import Engine

_STREAM = "main"


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """What to do; the fields are the options of `umo run`.

    Attributes:
        transcript: a file with what is said, instead of `text`.
    """

    speech: Path
    text: str | None = None
    outputs: tuple[str, ...] = ()
    recordings: tuple[Path, ...] = ()
    fps: FrameRate = 30
    seed: int = 0
    is_realtime: bool = False
    weights: Path | None = None
    controls: Controls = NEUTRAL
    transcript: Path | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """What was done.

    Attributes:
        job: what was asked for.
        audio_s: seconds of speech.
        report: frames and times.
    """

    job: SpeechJob
    audio_s: float
    report: RunReport

    @property
    def realtime_factor(self) -> float:
        """Processing time over speech time: below 1 is faster than real time."""
        return self.report.wall_s / self.audio_s

    @property
    def first_frame_ms(self) -> float:
        """See `RunReport.first_frame_s`."""
        return 1000 * self.report.first_frame_s[_STREAM]


def run_job(
    job: SpeechJob,
    clock: Clock | None = None,
    engine: "Engine | None" = None,
    bar: FrameSink | None = None,
) -> JobResult:
    """Do it. Recordings appear only if all of it succeeds.

    Args:
        job: what to do.
        clock: dates the frames.
        engine: loaded networks without streams; by default those of the job's weights.
        bar: shows how far it is; by default a bar of its own.

    Raises:
        UmoError: speech, text, an output, a recording or the weights cannot be used.
    """
    clock = clock or MonotonicClock()
    num_frames = expected_frames(job)
    with ExitStack() as stack:
        sinks = _open_sinks(job, clock, stack)
        graph = _build_graph(job, engine or open_engine(job.weights))
        sinks.append(bar or open_progress(num_frames))
        stack.callback(sinks[-1].abort)
        start_s = clock.now_s() if job.is_realtime else None
        told = ((0.0, job.controls),)
        source = FileSource(job.speech, clock, _STREAM, start_s, controls=told)
        pacer = None if start_s is None else Pacer(clock, start_s, playout_delay_s(job.fps))
        report = run_embedded([source], graph, sinks, clock, pacer)
    return JobResult(job, source.audio_s, report)


def expected_frames(job: SpeechJob) -> int:
    """Check the file before anything else is opened; return its length for a progress bar.

    Raises:
        AudioError: it cannot be used.
    """
    with SpeechReader(job.speech) as reader:
        frames = num_frames(round(reader.duration_s * SAMPLE_RATE_HZ))
    return frames if job.fps == 30 else 2 * frames - 1


def _open_sinks(job: SpeechJob, clock: Clock, stack: ExitStack) -> list[FrameSink]:
    """Open outputs and recordings; whatever happens later, `stack` discards what is unfinished."""
    sinks: list[FrameSink] = []
    for url in job.outputs:
        sinks.append(open_sink(url, clock))
        stack.callback(sinks[-1].abort)
    for path in job.recordings:
        sinks.append(open_recorder(path, job.fps, job.speech))
        stack.callback(sinks[-1].abort)
    return sinks


def _build_graph(job: SpeechJob, engine: "Engine") -> SpeechGraph:
    text = {}
    if job.text is not None:
        text[_STREAM] = place_transcript(job.text, job.speech, engine.text)
    elif job.transcript is not None:
        text[_STREAM] = place_transcript_file(job.transcript, job.speech, engine.text)
    return build_graph(engine, job.fps, {_STREAM: job.seed}, text)
