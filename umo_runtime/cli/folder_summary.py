"""Says what a run over a folder did: lines for people, one JSON object for programs."""

import json
import sys

from umo_runtime.cli.folder_job import FolderJob, FolderReport


def print_folder_json(report: FolderReport) -> None:
    """Print exactly one object on stdout."""
    summary = {
        "files": report.num_files,
        "done": report.num_done,
        "skipped": report.num_skipped,
        "failed": [{"speech": str(speech), "reason": reason} for speech, reason in report.failures],
        "audio_s": round(report.audio_s, 4),
        "realtime_factor": round(report.wall_s / report.audio_s, 4) if report.audio_s else None,
        "recordings": [str(path) for path in report.recordings],
    }
    print(json.dumps(summary))


def print_report(job: FolderJob, report: FolderReport) -> None:
    """Print what was done on stdout, and what failed on stderr."""
    if report.num_done:
        factor = report.wall_s / report.audio_s
        print(
            f"{report.num_done} of {report.num_files} files, {report.audio_s:.1f} s of speech: "
            f"{len(report.recordings)} recordings in {job.out}, real-time factor {factor:.3f}"
        )
    if report.num_skipped:
        print(f"{report.num_skipped} done before; --anew makes them again")
    if report.failures:
        print(f"umo: {len(report.failures)} of {report.num_files} failed:", file=sys.stderr)
    for speech, reason in report.failures:
        where = "" if str(speech) in reason else f"{speech}: "
        print(f"umo:   {where}{' '.join(reason.split())}", file=sys.stderr)
