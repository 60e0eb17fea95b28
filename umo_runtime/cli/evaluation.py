"""What `umo eval` does: measures, prints one table, draws one page."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from engine_bridge.atomic_file import AtomicFile
from umo_runtime.cli.evaluation_job import BEAT2, MOTION, SPEECH, EvaluationJob
from umo_runtime.cli.evaluation_measures import measure_beat2, measure_motion, measure_speech

if TYPE_CHECKING:  # needs the train extra
    from umo_runtime.evaluation.results import Results


def evaluate(job: EvaluationJob) -> None:
    """Do it and print the table.

    Raises:
        UmoError: an option, a corpus, a recording or the weights cannot be used.
    """
    job.check()
    with _report_file(job) as page:
        if job.split == MOTION and not job.is_recording:
            results = measure_motion(job)
        elif job.split == BEAT2 and not job.is_recording:
            results = measure_beat2(job)
        else:
            results = measure_speech(job, page)
    _print(job, results)


@contextmanager
def _report_file(job: EvaluationJob) -> Iterator[BinaryIO | None]:
    """The picture to be, kept only if all goes well."""
    if job.report is None:
        yield None
        return
    file = AtomicFile(job.report)
    try:
        yield file.stream
    except BaseException:
        file.discard()
        raise
    file.commit()


def _print(job: EvaluationJob, results: "Results") -> None:
    from umo_runtime.evaluation.table import as_json, as_text

    if job.as_json:
        is_sampled = job.split == SPEECH and not job.is_recording
        head = {"subject": job.subject, "split": None if job.is_recording else job.split}
        count = {"utterances": job.utterances or "all"} if is_sampled else {}
        chance = {"seed": job.seed} | ({"seeds": job.num_seeds} if job.num_seeds > 1 else {})
        print(json.dumps({**head, **count, **chance, "figures": as_json(results)}))
        return
    print(as_text(results))
    if job.report is not None:
        print(f"\nwrote  {job.report}")
