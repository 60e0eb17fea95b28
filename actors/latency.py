"""How long frames take through the graph."""

from array import array
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Percentiles over the frames of a run, in milliseconds; 0 without frames."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


class LatencyMeter:
    """Collects one latency per frame."""

    def __init__(self) -> None:
        self._seconds = array("d")

    def add(self, latency_s: float) -> None:
        """Count one frame."""
        self._seconds.append(latency_s)

    def summary(self) -> LatencySummary:
        """Return the percentiles so far."""
        if not self._seconds:
            return LatencySummary(0.0, 0.0, 0.0)
        p50, p95, p99 = 1000 * np.quantile(np.array(self._seconds), (0.50, 0.95, 0.99))
        return LatencySummary(float(p50), float(p95), float(p99))
