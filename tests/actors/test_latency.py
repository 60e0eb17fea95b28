import pytest

from actors.latency import LatencyMeter, LatencySummary


def test_percentiles_are_in_milliseconds() -> None:
    meter = LatencyMeter()
    for milliseconds in range(101):
        meter.add(milliseconds / 1000)
    summary = meter.summary()
    assert (summary.p50_ms, summary.p95_ms, summary.p99_ms) == pytest.approx((50, 95, 99))


def test_no_frames_no_latency() -> None:
    assert LatencyMeter().summary() == LatencySummary(0.0, 0.0, 0.0)
