"""The last line of `umo live`."""

from umo_runtime.cli.live_status import LiveStatus


def print_summary(status: LiveStatus) -> None:
    """Say on stdout what was done."""
    print(
        f"{status.frames} frames in {status.time_s:.1f} s from {status.device}, latency p95 "
        f"{status.latency_p95_ms:.0f} ms, {status.dropped} blocks dropped"
    )
