"""A mannequin of one tapered block a bone: the character's left is teal, its right coral."""

from collections.abc import Iterator

import numpy as np

from engine_bridge.figure_mesh import REST_POSITIONS_M, Colour, FigureMesh, joined
from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M

_TORSO: Colour = (204, 212, 227)
_HIPS: Colour = (107, 120, 148)
_SKIN: Colour = (255, 222, 196)
_IRIS: Colour = (58, 104, 150)
_SHOE: Colour = (77, 87, 110)
_LIMB: dict[str, Colour] = {"Left": (41, 168, 173), "Right": (247, 125, 94)}
_HAND: dict[str, Colour] = {"Left": (133, 219, 217), "Right": (255, 189, 158)}

_Point = tuple[float, float, float]
_Half = tuple[float, float]
# Bone; from where to where, in its own space; half the width and depth at both ends, along the
# other two axes in the order x, y, z. Metres. Sides are those of the left, mirrored for the right.
_CENTRE: tuple[tuple[str, _Point, _Point, _Half, _Half, Colour], ...] = (
    ("Hips", (0, -0.09, 0), (0, 0.085, -0.01), (0.125, 0.09), (0.13, 0.085), _HIPS),
    ("Spine", (0, 0, 0), (0, 0.12, 0), (0.13, 0.085), (0.135, 0.09), _TORSO),
    ("Chest", (0, 0, 0), (0, 0.12, -0.005), (0.135, 0.09), (0.15, 0.095), _TORSO),
    ("UpperChest", (0, 0, 0), (0, 0.15, -0.01), (0.15, 0.095), (0.12, 0.06), _TORSO),
    ("Neck", (0, -0.02, 0), (0, 0.09, 0.02), (0.048, 0.048), (0.044, 0.044), _SKIN),
    ("Head", (0, -0.04, 0.015), (0, 0.05, 0.0), (0.046, 0.07), (0.074, 0.085), _SKIN),
    ("Head", (0, 0.05, 0.0), (0, 0.19, -0.01), (0.074, 0.085), (0.062, 0.075), _SKIN),
)
_SIDE: tuple[tuple[str, _Point, _Point, _Half, _Half, dict[str, Colour] | Colour], ...] = (
    ("UpperLeg", (0, -0.045, 0), (0, -0.40, 0.005), (0.078, 0.08), (0.052, 0.055), _LIMB),
    ("LowerLeg", (0, 0, 0), (0, -0.37, -0.02), (0.052, 0.055), (0.036, 0.04), _LIMB),
    ("Foot", (0, -0.04, -0.07), (0, -0.055, 0.13), (0.04, 0.04), (0.046, 0.025), _SHOE),
    ("Toes", (0, 0.005, 0), (0, -0.002, 0.065), (0.046, 0.025), (0.038, 0.018), _SHOE),
    ("Shoulder", (0, 0, 0), (0.11, 0, 0), (0.045, 0.05), (0.05, 0.05), _TORSO),
    ("UpperArm", (0, 0, 0), (0.265, 0, 0), (0.048, 0.048), (0.038, 0.038), _LIMB),
    ("LowerArm", (0, 0, 0), (0.245, 0, 0), (0.038, 0.038), (0.024, 0.03), _LIMB),
    ("Hand", (0, 0, 0), (0.09, 0, -0.004), (0.016, 0.03), (0.013, 0.042), _HAND),
    ("Eye", (0, 0, 0), (0, 0, 0.009), (0.006, 0.006), (0.006, 0.006), _IRIS),
)
_FINGER_HALF_M = 0.0085
_LAST_SHARE = 0.8  # of the middle segment's length: how long the last one is

# Corners of a block: those of the first end, then those of the second, each once around.
_AROUND = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1)), np.float32)
_QUADS = ((0, 3, 2, 1), (4, 5, 6, 7), *((i, (i + 1) % 4, 4 + (i + 1) % 4, 4 + i) for i in range(4)))
_TRIANGLES = np.array(
    [corners for a, b, c, d in _QUADS for corners in ((a, b, c), (a, c, d))], np.uint16
)


def body_mesh() -> FigureMesh:
    """Build the mannequin in the T-pose, soles on the floor."""
    return joined(_blocks())


def _blocks() -> Iterator[FigureMesh]:
    for bone, start, end, start_half, end_half, colour in _CENTRE:
        yield _block(bone, start, end, start_half, end_half, colour)
    for side, sign in (("Left", 1), ("Right", -1)):
        for bone, (x, y, z), (end_x, end_y, end_z), start_half, end_half, colours in _SIDE:
            colour = colours[side] if isinstance(colours, dict) else colours
            start, end = (sign * x, y, z), (sign * end_x, end_y, end_z)
            yield _block(side + bone, start, end, start_half, end_half, colour)
        yield from _fingers(side)


def _fingers(side: str) -> Iterator[FigureMesh]:
    half = (_FINGER_HALF_M, _FINGER_HALF_M)
    for finger in ("Thumb", "Index", "Middle", "Ring", "Little"):
        names = [f"{side}{finger}{part}" for part in ("Proximal", "Intermediate", "Distal")]
        lengths = [REST_OFFSETS_M[BONE_INDEX[name]] for name in names[1:]]
        for name, (x, y, z) in zip(names, [*lengths, _LAST_SHARE * lengths[-1]], strict=True):
            yield _block(name, (0, 0, 0), (x, y, z), half, half, _HAND[side])


def _block(
    bone: str, start: _Point, end: _Point, start_half: _Half, end_half: _Half, colour: Colour
) -> FigureMesh:
    """A block along the axis on which its ends are farthest apart."""
    corners = np.repeat(np.array((start, end), np.float32), 4, axis=0)
    length = corners[4] - corners[0]
    axis = int(np.abs(length).argmax())
    across = [other for other in range(3) if other != axis]
    corners[:4, across] += _AROUND * np.array(start_half, np.float32)
    corners[4:, across] += _AROUND * np.array(end_half, np.float32)
    # Around x and z the two other axes are right-handed in the order of the table, around y not.
    is_outward = (length[axis] > 0) == (axis != 1)
    index = BONE_INDEX[bone]
    return FigureMesh(
        corners + REST_POSITIONS_M[index],
        np.full(8, index, np.uint8),
        np.tile(np.array(colour, np.uint8), (8, 1)),
        _TRIANGLES if is_outward else _TRIANGLES[:, ::-1],
    )
