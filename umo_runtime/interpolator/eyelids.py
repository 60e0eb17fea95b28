"""When blinks begin, and the lids' course through them.

Keyframes say when a blink began, by its phase; the lids then follow their own clock, so that a
blink is whole however its tokens are drawn. Two bounds keep rare draws within what people do: one
blink in 2 to 5 seconds (12 to 30 a minute in talk: Bentivoglio et al., 1997).
"""

import torch
from torch import Tensor

from umo_runtime.interpolator.blink import BLINK_DURATION_S, lid_closure
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

SHORTEST_GAP_S, LONGEST_GAP_S = 2.0, 5.0
_INTERVAL_S = FRAMES_PER_KEYFRAME / FRAME_RATE_HZ
_OPEN_EYES = 0.9  # a decoded blink phase above this means "no blink"


def blink(since_s: Tensor, following: Tensor, phase: Tensor) -> tuple[Tensor, Tensor]:
    """Lid closure of one frame.

    Args:
        since_s: [B, 1] seconds from the beginning of the last blink to the frame before.
        following: [B, 1] blink phase that the next keyframe holds.
        phase: [B, 1] where the frame lies before that keyframe, 0..1.

    Returns:
        Closure 0..1 and the new `since_s`, [B, 1] each.
    """
    since_s = since_s + 1 / FRAME_RATE_HZ
    begun_s = following.clamp(min=0.0) * BLINK_DURATION_S - (1 - phase) * _INTERVAL_S
    meant = (following < _OPEN_EYES) & (begun_s >= 0) & (since_s >= SHORTEST_GAP_S)
    since_s = torch.where(meant, begun_s, since_s)
    since_s = torch.where(since_s > LONGEST_GAP_S, torch.zeros_like(since_s), since_s)
    return lid_closure(since_s / BLINK_DURATION_S), since_s
