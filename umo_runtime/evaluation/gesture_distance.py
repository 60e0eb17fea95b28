"""Frechet gesture distance (FGD): how far made gestures are from real ones, as distributions.

    FGD = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))

with m, S the mean and covariance of the encoder's latents over all windows (32 frames, one every 4)
of all recordings of a side. No unit: latents of conversational training motion have covariance 1,
without which posture outweighs movement and a handful of held-out clips decides the result. Values
depend on the encoder: compare them with one another and with the noise floor (real against other
real motion), never with BEAT2 tables, which use another encoder and skeleton.
Source: Yoon et al., SIGGRAPH Asia 2020, after Heusel et al., "GANs Trained by a Two Time-Scale
Update Rule Converge to a Local Nash Equilibrium", NeurIPS 2017.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.types import FloatArray

_Matrix = npt.NDArray[np.float64]


def latents(performances: Sequence[Performance], encoder: GestureEncoder) -> FloatArray:
    """Latents [N, D] of all windows of all recordings, pooled.

    Raises:
        CorpusError: fewer windows than a covariance needs.
    """
    pooled = np.concatenate([encoder.encode(each.rotations) for each in performances])
    if len(pooled) <= pooled.shape[1]:
        raise CorpusError(
            f"{len(pooled)} windows of motion; expected more than {pooled.shape[1]}, give longer "
            "recordings"
        )
    return pooled


def frechet_distance(made: FloatArray, real: FloatArray) -> float:
    """The distance of the Gaussians fitted to latents [N, D] and [M, D]; not negative."""
    gap = made.mean(axis=0, dtype=np.float64) - real.mean(axis=0, dtype=np.float64)
    spread, other = (np.cov(side, rowvar=False, dtype=np.float64) for side in (made, real))
    root = _square_root(spread)
    shared = np.sqrt(np.linalg.eigvalsh(root @ other @ root).clip(0)).sum()
    return max(0.0, float(gap @ gap + np.trace(spread) + np.trace(other) - 2 * shared))


def gesture_distance(
    made: Sequence[Performance], real: Sequence[Performance], encoder: GestureEncoder
) -> dict[str, float]:
    """FGD of two sets of recordings at 30 fps, and the windows each side is judged by."""
    ours, theirs = latents(made, encoder), latents(real, encoder)
    return {
        "fgd": frechet_distance(ours, theirs),
        "fgd_num_windows": len(ours),
        "fgd_num_real_windows": len(theirs),
    }


def _square_root(matrix: _Matrix) -> _Matrix:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)
