"""How fast is one avatar? Real-time factor, latency and cost on this machine's CPU.

    python -m benchmarks.speed

Runs the shipped sample through the whole graph, several times as fast as it goes and several times
at the pace of the speech, and writes `benchmarks/results/speed.json`.
"""

import argparse
import time
from pathlib import Path
from statistics import median

from benchmarks.machine import save
from umo_runtime.cli.speech_job import JobResult, SpeechJob, run_job

_SAMPLE = Path(__file__).parents[1] / "umo_runtime" / "cli" / "demo" / "sample.ogg"
_NOWHERE = "vmc://127.0.0.1:39599"  # nobody listens; sending costs the same


def run(is_realtime: bool) -> tuple[JobResult, float]:
    """One run, and its processor time in seconds."""
    before = time.process_time()
    result = run_job(SpeechJob(_SAMPLE, outputs=(_NOWHERE,), is_realtime=is_realtime))
    return result, time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    run(is_realtime=False)  # warm up: read weights and speech once
    fast = [run(is_realtime=False)[0] for _ in range(runs)]
    paced = [run(is_realtime=True) for _ in range(max(1, runs // 2))]
    save(
        "speed",
        {
            "audio_s": round(fast[0].audio_s, 2),
            "runs": runs,
            "realtime_factor": round(median(result.realtime_factor for result in fast), 4),
            "first_frame_offline_ms": round(median(r.first_frame_ms for r in fast), 1),
            "paced_first_frame_ms": round(median(r.first_frame_ms for r, _ in paced), 1),
            "paced_latency_ms": {
                name: round(median(getattr(r.report.latency, f"{name}_ms") for r, _ in paced), 1)
                for name in ("p50", "p95", "p99")
            },
            "paced_core_share": round(median(cpu / r.report.wall_s for r, cpu in paced), 4),
        },
    )


if __name__ == "__main__":
    main()
