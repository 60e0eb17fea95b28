"""Says what a run did: a table for people, one JSON object for programs."""

import json
import sys
from pathlib import Path

from umo_runtime.cli.speech_job import JobResult


def print_json(result: JobResult) -> None:
    """Print exactly one object on stdout."""
    latency = result.report.latency
    summary = {
        "frames": result.report.frames,
        "fps": result.job.fps,
        "audio_s": round(result.audio_s, 4),
        "realtime_factor": round(result.realtime_factor, 4),
        "first_frame_ms": round(result.first_frame_ms, 2),
        "latency_ms": {
            "p50": round(latency.p50_ms, 2),
            "p95": round(latency.p95_ms, 2),
            "p99": round(latency.p99_ms, 2),
        },
        "recordings": [str(path) for path in result.job.recordings],
        "outputs": list(result.job.outputs),
    }
    print(json.dumps(summary))


def print_table(result: JobResult, also_written: tuple[Path, ...] = ()) -> None:
    """Print a table on stdout, unwrapped, so that paths can be copied.

    Args:
        result: what was done.
        also_written: files other than the recordings.
    """
    report, latency = result.report, result.report.latency
    rows = [
        ("speech", f"{result.audio_s:.2f} s"),
        ("frames", f"{report.frames} at {result.job.fps} a second"),
        ("first frame", f"after {result.first_frame_ms:.0f} ms"),
        (
            "latency per frame",
            f"p50 {latency.p50_ms:.0f}, p95 {latency.p95_ms:.0f}, p99 {latency.p99_ms:.0f} ms",
        ),
        ("real-time factor", f"{result.realtime_factor:.3f} (below 1: faster than live)"),
        *(("wrote", str(path)) for path in (*result.job.recordings, *also_written)),
        *(("sent to", url) for url in result.job.outputs),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:<{width}}  {value}")


def warn_if_nothing_kept(result: JobResult) -> None:
    """Tell on stderr that frames went nowhere."""
    if not result.job.recordings and not result.job.outputs:
        print("Frames went nowhere: add --record take.npz or --output vmc://...", file=sys.stderr)
