"""Blinks: how often, and how long the lids stay down.

People blink about 17 times a minute at rest and 26 in conversation, with wide differences.
Source: A. Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Movement
Disorders 1997.
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.performance import Performance

_CLOSED = 0.5  # of eyeBlink; lids that only follow a lowered gaze stay below


def blink_figures(performances: Sequence[Performance]) -> dict[str, float]:
    """Figures of the left lid, all recordings together.

    - `blinks_per_minute`: times that eyeBlinkLeft rises past one half, per minute.
    - `blink_ms`: mean time that it stays there, milliseconds; NaN without a blink.
    """
    closed = [each.channel("eyeBlinkLeft") > _CLOSED for each in performances]
    minutes = sum(len(each.blendshapes) / each.fps for each in performances) / 60
    blinks = sum(int(np.count_nonzero(np.diff(c.astype(np.int8), prepend=0) > 0)) for c in closed)
    shut_s = sum(float(c.sum()) / each.fps for c, each in zip(closed, performances, strict=True))
    return {
        "blinks_per_minute": blinks / minutes,
        "blink_ms": 1000 * shut_s / blinks if blinks else float("nan"),
    }
