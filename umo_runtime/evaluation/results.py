"""What was measured: figures of everybody, the mean over seeds and how far one seed strays."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Figures = Mapping[str, float]  # figure -> value; NaN is "cannot be said"


@dataclass(frozen=True, slots=True)
class Results:
    """Figures by subject.

    Attributes:
        mean: over seeds.
        sd: standard deviation of one seed; NaN for those who have one alone, empty if all have.
    """

    mean: Mapping[str, Figures]
    sd: Mapping[str, Figures] = field(default_factory=dict)

    @classmethod
    def over_seeds(cls, takes: Mapping[str, Sequence[Figures]]) -> "Results":
        """Put together what was measured seed by seed.

        Never measure the takes as one: a gesture distance over all of them is lower than theirs.

        Args:
            takes: by subject, the figures of every seed, one or more. A figure that some seeds
                cannot say is taken over the others.
        """
        if all(len(figures) == 1 for figures in takes.values()):
            return cls({subject: figures[0] for subject, figures in takes.items()})
        return cls(
            {subject: _each(figures, statistics.fmean, 1) for subject, figures in takes.items()},
            {subject: _each(figures, statistics.stdev, 2) for subject, figures in takes.items()},
        )


def _each(
    takes: Sequence[Figures], summary: Callable[[Sequence[float]], float], least: int
) -> dict[str, float]:
    """Sum up every figure over the takes that can say it; NaN where fewer than `least` can."""
    rows = {name: [take[name] for take in takes] for name in takes[0]}
    known = {name: [v for v in row if not math.isnan(v)] for name, row in rows.items()}
    return {
        name: summary(values) if len(values) >= least else math.nan
        for name, values in known.items()
    }
