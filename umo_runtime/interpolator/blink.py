"""The course of one blink.

A lid closes in about 90 ms and opens in about 190 ms.
Source: Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Movement Disorders
1997 (rates); VanderWerf et al., "Eyelid movements", J. Neurophysiol. 2003 (durations).
"""

from typing import Any, TypeVar

BLINK_DURATION_S = 0.28

A = TypeVar("A")  # numpy array or torch tensor: only arithmetic and `clip` are used


def lid_closure(phase: A) -> A:
    """Eyelid closure 0..1, of any shape.

    Args:
        phase: time since the blink began over BLINK_DURATION_S; open before 0 and after 1.
    """
    at: Any = phase
    closing, opening = (at * 3.0).clip(0.0, 1.0), (at * 1.5 - 0.5).clip(0.0, 1.0)
    closure: A = closing * closing * (3 - 2 * closing) - opening * opening * (3 - 2 * opening)
    return closure
