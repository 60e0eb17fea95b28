"""Left-right balance: whether both hands take part.

The left wrist's share of the way that both wrists travel, seen from the hips: 0.5 is even, 0 and 1
are one-handed, no unit. Real speakers prefer a hand; the corpus is mirrored in training, so over
many utterances neither hand may be preferred, while within one a hand may well lead.
"""

from collections.abc import Sequence

import numpy as np

from umo_runtime.evaluation.body_space import seen_from_hips
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX
from umo_runtime.types import FloatArray

_WRISTS = [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]


def left_right_balance(performances: Sequence[Performance]) -> dict[str, float]:
    """The left hand's share over all recordings, and the leading hand's within each, on average."""
    ways = np.array([_way_m(each) for each in performances])
    if not (ways.sum(axis=1) > 0).any():
        return dict.fromkeys(("left_hand_share", "leading_hand_share"), float("nan"))
    leading = ways.max(axis=1).sum() / ways.sum()
    return {
        "left_hand_share": float(ways[:, 0].sum() / ways.sum()),
        "leading_hand_share": float(leading),
    }


def _way_m(performance: Performance) -> FloatArray:
    """How far the left and the right wrist travel, [2] m."""
    wrists = seen_from_hips(performance.rotations)[:, _WRISTS]
    return np.asarray(np.linalg.norm(np.diff(wrists, axis=0), axis=-1).sum(axis=0), np.float32)
