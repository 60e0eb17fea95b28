"""How far the body moves: calmness scales its distance from the pose a stream began in.

The predictor learns which gestures go with a calmness; this layer makes sure of the rest: at 0 the
body all but stands still, at 0.5 it moves as predicted, at 1 gestures reach further (expansiveness
tells lively from subdued movement: H. Wallbott, "Bodily expression of emotion", European Journal of
Social Psychology 1998). 6D rotations are scaled, whose orthonormalisation keeps arms from turning
ever further.
"""

import torch
from torch import Tensor

from umo_runtime.controls import CALMNESS, NEUTRAL_CALMNESS

_STILL, _LIVELY = 0.08, 1.4  # scale at calmness 0 and 1


def scale_motion(values: Tensor, start: Tensor, controls: Tensor) -> Tensor:
    """Body values [B, V] brought nearer to, or further from, those a stream began with.

    Args:
        values: of the frame, [B, V].
        start: of the stream's first frame, [B, V].
        controls: eased, [B, CONTROL_DIM].
    """
    above = (controls[:, CALMNESS : CALMNESS + 1] - NEUTRAL_CALMNESS) / NEUTRAL_CALMNESS
    excess = torch.where(above < 0, (1 - _STILL) * above, (_LIVELY - 1) * above)
    return values + excess * (values - start)
