"""Triangles that hang on bones, for recordings that have to be seen without an avatar."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.skeleton import IDENTITY_ROTATIONS, REST_OFFSETS_M, forward_kinematics
from umo_runtime.types import FloatArray

Colour = tuple[int, int, int]  # red, green, blue as on a screen, 0..255
REST_POSITIONS_M: FloatArray = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])[0]


@dataclass(frozen=True, eq=False)
class FigureMesh:
    """A piece of the figure in the T-pose.

    Attributes:
        positions: corners in the world, [V, 3] metres.
        bones: which bone moves each corner, [V].
        colours: of the corners, [V, 3] uint8.
        triangles: three corners each, seen counter-clockwise, [M, 3].
        morphs: how far each blendshape moves each corner, [52, V, 3] metres; None without a face.
    """

    positions: FloatArray
    bones: npt.NDArray[np.uint8]
    colours: npt.NDArray[np.uint8]
    triangles: npt.NDArray[np.uint16]
    morphs: FloatArray | None = None


def joined(pieces: Iterable[FigureMesh]) -> FigureMesh:
    """One mesh of many without morphs."""
    pieces = list(pieces)
    starts = np.cumsum([0, *(len(piece.positions) for piece in pieces)])
    return FigureMesh(
        np.concatenate([piece.positions for piece in pieces]),
        np.concatenate([piece.bones for piece in pieces]),
        np.concatenate([piece.colours for piece in pieces]),
        np.concatenate(
            [piece.triangles + start for piece, start in zip(pieces, starts, strict=False)]
        ).astype(np.uint16),
    )
