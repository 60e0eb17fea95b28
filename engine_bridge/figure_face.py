"""A face of a few dozen corners that shows every one of the 52 ARKit blendshapes.

Only the left half is written down, in millimetres from the head bone; the right half mirrors it.
"""

from collections.abc import Iterator

import numpy as np

from engine_bridge.figure_mesh import REST_POSITIONS_M, Colour, FigureMesh
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX
from umo_runtime.types import FloatArray

_WHITE: Colour = (252, 252, 250)
_LID: Colour = (226, 178, 152)
_INK: Colour = (44, 48, 66)
_SKIN: Colour = (255, 222, 196)
_LIP: Colour = (205, 92, 92)
_MOUTH: Colour = (94, 28, 38)
_TONGUE: Colour = (216, 112, 112)

_Corner = tuple[str, float, float, float]  # what moves it, x to the left, y up, z to the front
_M_PER_MM = np.float32(0.001)
_CORNER_OF_MOUTH: _Corner = ("corner", 26, 6, 91)
# An upper and a lower row of corners, from the character's left to its middle.
_STRIPS: tuple[tuple[Colour, tuple[_Corner, ...], tuple[_Corner, ...]], ...] = (
    (_WHITE, (("", 49, 79, 87), ("", 19, 79, 87)), (("", 49, 61, 87), ("", 19, 61, 87))),
    (_LID, (("", 51, 83, 90), ("", 17, 83, 90)), (("lid", 51, 78, 91), ("lid", 17, 78, 91))),
    (
        _LID,
        (("lowerLid", 51, 62, 91), ("lowerLid", 17, 62, 91)),
        (("", 51, 57, 90), ("", 17, 57, 90)),
    ),
    (
        _INK,
        (("browOuter", 54, 97, 90), ("browInner", 14, 96, 91)),
        (("browOuter", 54, 93, 90), ("browInner", 14, 90, 91)),
    ),
    (
        _SKIN,
        (("", 60, 46, 82), ("", 30, 44, 86)),
        (("cheek", 54, 32, 85), ("cheek", 34, 30, 87)),
    ),
    (
        _SKIN,
        (("cheek", 54, 32, 85), ("cheek", 34, 30, 87)),
        (("", 56, 14, 82), ("", 32, 18, 86)),
    ),
    (
        _LID,
        (("", 6, 62, 86), ("", 0, 64, 88)),
        (("nostril", 14, 34, 88), ("", 0, 37, 106)),
    ),
    (_LID, (("nostril", 14, 34, 88), ("", 0, 37, 106)), (("", 10, 31, 86), ("", 0, 31, 90))),
    (
        _MOUTH,
        (("corner", 26, 6, 88), ("upperIn", 12, 6.4, 88), ("upperIn", 0, 6.4, 88)),
        (("corner", 26, 6, 88), ("lowerIn", 12, 5.6, 88), ("lowerIn", 0, 5.6, 88)),
    ),
    (
        _TONGUE,
        (("tongueBack", 9, 5.6, 88.5), ("tongueBack", 0, 5.6, 88.5)),
        (("tongue", 8, 5.4, 89), ("tongue", 0, 5.4, 89)),
    ),
    (
        _LIP,
        (_CORNER_OF_MOUTH, ("upperOut", 12, 13, 92), ("upperOut", 0, 12, 93)),
        (_CORNER_OF_MOUTH, ("upperIn", 12, 6.4, 92), ("upperIn", 0, 6.4, 92)),
    ),
    (
        _LIP,
        (_CORNER_OF_MOUTH, ("lowerIn", 12, 5.6, 92), ("lowerIn", 0, 5.6, 92)),
        (_CORNER_OF_MOUTH, ("lowerOut", 12, -1, 92), ("lowerOut", 0, -2, 93)),
    ),
    (
        _SKIN,
        (("chinTop", 34, -10, 86), ("chinTop", 0, -10, 88)),
        (("chin", 24, -44, 86), ("chin", 0, -46, 89)),
    ),
)

_Move = tuple[float, float, float]
_LOWER_LIP, _UPPER_LIP = ("lowerIn", "lowerOut"), ("upperIn", "upperOut")
# What a blendshape at 1 does to the corners it moves; x is away from the middle. A shape of one
# side is listed without it, and leaves the other side alone.
_MOVES: dict[str, dict[str, _Move]] = {
    "eyeBlink": {"lid": (0, -17, 0), "lowerLid": (0, 1, 0)},
    "eyeLookDown": {"lid": (0, -4, 0)},
    "eyeLookIn": {"lid": (-1.5, 0, 0), "lowerLid": (-1.5, 0, 0)},
    "eyeLookOut": {"lid": (1.5, 0, 0), "lowerLid": (1.5, 0, 0)},
    "eyeLookUp": {"lid": (0, 3, 0)},
    "eyeSquint": {"lid": (0, -3, 0), "lowerLid": (0, 5, 0)},
    "eyeWide": {"lid": (0, 4, 0), "lowerLid": (0, -2, 0)},
    "jawForward": {
        "chin": (0, 0, 9),
        "chinTop": (0, 0, 6),
        "lowerIn": (0, 0, 4),
        "lowerOut": (0, 0, 4),
    },
    "jawOpen": {
        "chin": (0, -28, -6),
        "chinTop": (0, -25, -3),
        "lowerIn": (0, -24, -2),
        "lowerOut": (0, -25, -2),
        "corner": (-4, -11, -1),
        "tongue": (0, -20, 0),
        "tongueBack": (0, -15, 0),
    },
    "mouthClose": {
        "lowerIn": (0, 14, 0),
        "lowerOut": (0, 14, 0),
        "upperIn": (0, -10, 0),
        "upperOut": (0, -9, 0),
        "tongue": (0, 10, 0),
        "tongueBack": (0, 5, 0),
    },
    "mouthFunnel": {
        "corner": (-9, 0, 5),
        "upperOut": (-2, 3, 9),
        "upperIn": (-2, 2, 8),
        "lowerIn": (-2, -2, 8),
        "lowerOut": (-2, -3, 9),
    },
    "mouthPucker": {
        "corner": (-13, 0, 6),
        "upperOut": (-5, 0, 9),
        "upperIn": (-5, 0, 9),
        "lowerIn": (-5, 0, 9),
        "lowerOut": (-5, 0, 9),
    },
    "mouthSmile": {"corner": (6, 8, -2), "cheek": (0, 2, 3)},
    "mouthFrown": {"corner": (2, -8, -1)},
    "mouthDimple": {"corner": (5, 1, -4)},
    "mouthStretch": {"corner": (7, -3, -1), "lowerOut": (3, -1, 0)},
    "mouthRollLower": {"lowerOut": (0, 4, -2)},
    "mouthRollUpper": {"upperOut": (0, -4, -2)},
    "mouthShrugLower": {"chin": (0, 3, 2), "lowerIn": (0, 2, 2), "lowerOut": (0, 3, 3)},
    "mouthShrugUpper": dict.fromkeys(_UPPER_LIP, (0, 3, 2)),
    "mouthPress": {"upperOut": (0, -3, -1), "lowerOut": (0, 3, -1), "corner": (1, 0, -2)},
    "mouthLowerDown": dict.fromkeys(_LOWER_LIP, (0, -7, 0)),
    "mouthUpperUp": dict.fromkeys(_UPPER_LIP, (0, 6, 0)),
    "browDown": {"browInner": (-2, -7, 0), "browOuter": (0, -3, 0)},
    "browInnerUp": {"browInner": (0, 9, 0)},
    "browOuterUp": {"browOuter": (0, 9, 0), "browInner": (0, 2, 0)},
    "cheekPuff": {"cheek": (4, -4, 14)},
    "cheekSquint": {"cheek": (0, 5, 5), "lowerLid": (0, 3, 0)},
    "noseSneer": {"nostril": (2, 5, 1), "upperOut": (0, 2, 0)},
    "tongueOut": {"tongue": (0, -12, 22)},
}
# Jaw and mouth as a whole go to the character's left or right.
_SIDEWAYS: dict[str, dict[str, _Move]] = {
    "jaw": dict.fromkeys(("chin", "chinTop", "tongue", *_LOWER_LIP), (9, 0, 0)),
    "mouth": dict.fromkeys(("corner", *_LOWER_LIP, *_UPPER_LIP), (9, 0, 0)),
}


def face_mesh() -> FigureMesh:
    """Build the face in the T-pose, with a morph for every blendshape in their order."""
    corners: list[_Corner] = []
    triangles: list[tuple[int, ...]] = []
    colours: list[Colour] = []
    for sign in (1, -1):
        for colour, upper, lower in _STRIPS:
            triangles += (corner[::sign] for corner in _strip(len(corners), len(upper)))
            corners += ((tag, sign * x, y, z) for tag, x, y, z in (*upper, *lower))
            colours += [colour] * (2 * len(upper))
    tags = [corner[0] for corner in corners]
    places = np.array([corner[1:] for corner in corners], np.float32) * _M_PER_MM
    head = BONE_INDEX["Head"]
    return FigureMesh(
        places + REST_POSITIONS_M[head],
        np.full(len(corners), head, np.uint8),
        np.array(colours, np.uint8),
        np.array(triangles, np.uint16),
        np.stack([_morph(name, tags, np.sign(places[:, 0])) for name in BLENDSHAPES]),
    )


def _strip(first: int, length: int) -> Iterator[tuple[int, ...]]:
    """Triangles between two rows, seen from the front, the character's left to the right."""
    for upper in range(first, first + length - 1):
        lower = upper + length
        yield (upper, upper + 1, lower)
        yield (upper + 1, lower + 1, lower)


def _morph(name: str, tags: list[str], half: FloatArray) -> FloatArray:
    """How far each corner goes, [V, 3] metres; `half` is 1 on the left, -1 on the right."""
    side = name.endswith("Left") - name.endswith("Right")
    plain = name.removesuffix("Left").removesuffix("Right")
    moves = _SIDEWAYS.get(plain) or _MOVES[plain]
    steps = np.array([moves.get(tag, (0, 0, 0)) for tag in tags], np.float32) * _M_PER_MM
    if plain in _SIDEWAYS:
        steps *= np.float32(side)
        return steps
    steps[:, 0] *= half
    if side:
        steps *= (1 + side * half[:, None]) / 2  # the middle goes half way
    return steps
