"""What `umo run` does with a folder: every speech file in it through the graph, one by one.

One by one, because the stages of one file already fill two cores: batches of 4, 8 and 16 files ran
no faster. A recording appears whole or not at all, so whatever is there and newer than its speech
is done, and an interrupted run is gone on with by starting it again.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from actors.frame_rate import FrameRate
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.folder_progress import FolderProgress
from umo_runtime.cli.output_folder import create_folder
from umo_runtime.cli.speech_folder import Take, find_takes
from umo_runtime.cli.speech_job import SpeechJob, expected_frames, run_job
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import UmoError

if TYPE_CHECKING:
    from umo_runtime.engine import Engine


@dataclass(frozen=True, slots=True)
class FolderJob:
    """What to do; the fields are the options of `umo run`.

    Attributes:
        source: a folder, or one speech file.
        out: the folder of the recordings.
        suffixes: of the recordings.
        is_anew: also make what is there and newer than its speech.
    """

    source: Path
    out: Path
    suffixes: tuple[str, ...]
    fps: FrameRate = 30
    seed: int = 0
    weights: Path | None = None
    controls: Controls = NEUTRAL
    is_anew: bool = False


@dataclass(slots=True)
class FolderReport:
    """What was done.

    Attributes:
        num_files: speech files found.
        recordings: made in this run.
        num_done: speech files of which at least one recording was made.
        num_skipped: speech files that were done before.
        audio_s: seconds of speech moved.
        wall_s: how long that took.
        failures: speech files that could not be done, each with the reason.
    """

    num_files: int = 0
    recordings: list[Path] = field(default_factory=list)
    num_done: int = 0
    num_skipped: int = 0
    audio_s: float = 0.0
    wall_s: float = 0.0
    failures: list[tuple[Path, str]] = field(default_factory=list)


def run_folder(
    job: FolderJob, clock: Clock | None = None, console: Console | None = None
) -> FolderReport:
    """Do it. A file that fails is reported, and the next one is done.

    Raises:
        UmoError: there is no speech, the output folder cannot be made, or the weights cannot be
            used.
    """
    clock, console = clock or MonotonicClock(), console or Console(stderr=True)
    takes = find_takes(job.source, job.out, job.suffixes)
    create_folder(job.out)
    report = FolderReport(num_files=len(takes))
    jobs = _due_jobs(job, takes, report)
    if jobs:
        engine = open_engine(job.weights)
        num_frames = sum(frames for _, frames in jobs)
        with closing(FolderProgress(len(jobs), num_frames, console)) as progress:
            try:
                for speech_job, frames in jobs:
                    _run(speech_job, clock, engine, progress, frames, report)
            except KeyboardInterrupt:
                console.print(
                    f"{report.num_done} of {len(jobs)} files done; "
                    "the same command goes on from there"
                )
                raise
    return report


def _due_jobs(
    job: FolderJob, takes: Sequence[Take], report: FolderReport
) -> list[tuple[SpeechJob, int]]:
    """What has to be done, each with its frames; files that cannot be read go to the report."""
    jobs = []
    for take in takes:
        try:
            targets = take.targets if job.is_anew else take.outdated()
            speech_job = SpeechJob(
                take.speech,
                recordings=targets,
                fps=job.fps,
                seed=job.seed,
                controls=job.controls,
                transcript=take.transcript,
            )
            if targets:
                jobs.append((speech_job, expected_frames(speech_job)))
            else:
                report.num_skipped += 1
        except UmoError as error:
            report.failures.append((take.speech, str(error)))
    return jobs


def _run(
    job: SpeechJob,
    clock: Clock,
    engine: "Engine",
    progress: FolderProgress,
    num_frames: int,
    report: FolderReport,
) -> None:
    bar = progress.begin(job.speech.name, num_frames)
    try:
        create_folder(job.recordings[0].parent)
        result = run_job(job, clock, engine, bar)
    except UmoError as error:
        bar.abort()
        report.failures.append((job.speech, str(error)))
        return
    report.num_done += 1
    report.recordings += job.recordings
    report.audio_s += result.audio_s
    report.wall_s += result.report.wall_s
