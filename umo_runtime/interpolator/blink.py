"""The course of one blink.

A lid closes in about 90 ms and opens in about 190 ms.
Source: Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Movement Disorders
1997 (rates); VanderWerf et al., "Eyelid movements", J. Neurophysiol. 2003 (durations).
"""

from typing import TypeVar

BLINK_DURATION_S = 0.28

_A = TypeVar("_A")  # numpy array or torch tensor: only arithmetic and `clip` are used


def lid_closure(phase: _A) -> _A:
    """Eyelid closure 0..1 at `phase` = time since the blink began / BLINK_DURATION_S (1 and later: open)."""
    closing = (phase * 3.0).clip(0.0, 1.0)  # type: ignore[operator]
    opening = (phase * 1.5 - 0.5).clip(0.0, 1.0)  # type: ignore[operator]
    return closing * closing * (3 - 2 * closing) - opening * opening * (3 - 2 * opening)  # type: ignore[no-any-return]
