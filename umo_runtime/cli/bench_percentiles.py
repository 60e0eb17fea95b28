"""How a benchmark sums up many durations."""

import numpy as np
import numpy.typing as npt

_PERCENTILES = (50, 95, 99)


def percentiles_ms(seconds: npt.ArrayLike) -> dict[str, float | None]:
    """p50, p95 and p99 in milliseconds; null where nothing was measured."""
    values = np.asarray(seconds, np.float64)
    if not len(values):
        return {f"p{percent}": None for percent in _PERCENTILES}
    return {
        f"p{percent}": round(1000 * float(np.percentile(values, percent)), 1)
        for percent in _PERCENTILES
    }
