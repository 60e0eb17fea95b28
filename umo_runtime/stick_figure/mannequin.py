"""The figure's body as rounded cones hung on the bones."""

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, REST_OFFSETS_M, FloatArray, rotate
from umo_runtime.stick_figure.cones import Cone

HEAD_TAG, CLOTH_TAG = 1, 2
_Colour = tuple[float, float, float]

_TORSO: _Colour = (0.80, 0.83, 0.89)
_SKIN: _Colour = (1.0, 0.87, 0.77)
_HAIR: _Colour = (0.26, 0.29, 0.38)
_HIPS: _Colour = (0.42, 0.47, 0.58)
_SHOE: _Colour = (0.30, 0.34, 0.43)
_LIMB: dict[str, _Colour] = {"Left": (0.16, 0.66, 0.68), "Right": (0.97, 0.49, 0.37)}
_HAND: dict[str, _Colour] = {"Left": (0.52, 0.86, 0.85), "Right": (1.0, 0.74, 0.62)}

# Bone, point in it, radius; then the same for the other end; metres. For the left; x is mirrored.
_End = tuple[str, tuple[float, float, float], float]
_TRUNK: tuple[tuple[_End, _End, _Colour], ...] = (
    (("Hips", (0.068, -0.045, 0.0), 0.095), ("Spine", (0.045, -0.02, 0.0), 0.092), _HIPS),
    (("Hips", (0.0, -0.045, 0.004), 0.092), ("Spine", (0.0, -0.02, 0.004), 0.098), _HIPS),
    (("Spine", (0.045, 0.0, 0.0), 0.090), ("Chest", (0.048, 0.02, 0.0), 0.087), _TORSO),
    (("Spine", (0.0, 0.0, 0.004), 0.097), ("Chest", (0.0, 0.02, 0.006), 0.096), _TORSO),
    (("Chest", (0.048, 0.02, 0.0), 0.087), ("UpperChest", (0.072, 0.05, 0.0), 0.092), _TORSO),
    (("Chest", (0.0, 0.02, 0.006), 0.096), ("UpperChest", (0.0, 0.05, 0.008), 0.101), _TORSO),
    (
        ("UpperChest", (0.072, 0.05, 0.0), 0.092),
        ("UpperChest", (0.085, 0.10, -0.01), 0.066),
        _TORSO,
    ),
    (
        ("UpperChest", (0.0, 0.05, 0.008), 0.101),
        ("UpperChest", (0.0, 0.115, -0.005), 0.074),
        _TORSO,
    ),
    (("UpperChest", (0.08, 0.095, -0.01), 0.060), ("Neck", (0.01, -0.012, 0.0), 0.048), _TORSO),
)
_LIMBS: tuple[tuple[_End, _End], ...] = (
    (("Shoulder", (0.08, -0.005, 0.0), 0.047), ("UpperArm", (0.0, -0.005, 0.0), 0.055)),
    (("UpperArm", (0.0, -0.005, 0.0), 0.054), ("LowerArm", (0.0, 0.0, 0.0), 0.040)),
    (("LowerArm", (0.0, 0.0, 0.0), 0.040), ("LowerArm", (0.235, 0.0, 0.0), 0.027)),
    (("UpperLeg", (0.0, -0.01, 0.0), 0.086), ("LowerLeg", (0.0, 0.0, 0.0), 0.057)),
    (("LowerLeg", (0.0, 0.0, 0.0), 0.057), ("Foot", (0.0, 0.02, 0.0), 0.038)),
)
_SHOES: tuple[tuple[_End, _End], ...] = (
    (("Foot", (0.0, -0.01, 0.0), 0.042), ("Foot", (0.0, -0.045, -0.035), 0.035)),
    (("Foot", (0.0, -0.02, 0.015), 0.042), ("Toes", (0.0, 0.012, 0.01), 0.032)),
    (("Toes", (0.0, 0.012, 0.01), 0.032), ("Toes", (0.0, 0.006, 0.06), 0.026)),
)
_PALM: tuple[tuple[_End, _End], ...] = (
    (("Hand", (0.0, 0.0, 0.0), 0.024), ("Hand", (0.085, -0.002, 0.018), 0.0135)),
    (("Hand", (0.0, 0.0, 0.0), 0.022), ("Hand", (0.084, -0.002, 0.0), 0.0135)),
    (("Hand", (0.0, 0.0, -0.002), 0.022), ("Hand", (0.076, -0.002, -0.024), 0.0125)),
    (("Hand", (0.012, -0.005, 0.012), 0.018), ("ThumbIntermediate", (0.0, 0.0, 0.0), 0.0125)),
)
_FINGER_RADIUS_M = {
    "Thumb": 0.0115,
    "Index": 0.0098,
    "Middle": 0.0102,
    "Ring": 0.0096,
    "Little": 0.0085,
}
_CRANIUM, _CHIN = (np.array((0.0, 0.092, 0.006)), 0.096), (np.array((0.0, 0.012, 0.032)), 0.058)
_JAW_DROP_M = np.array((0.0, -0.026, -0.010))


def head_cone(jaw_open: float) -> Cone:
    """The head in the head bone's own space; its surface carries the face."""
    (cranium, r_cranium), (chin, r_chin) = _CRANIUM, _CHIN
    low = (chin + jaw_open * _JAW_DROP_M).astype(np.float32)
    return Cone(cranium.astype(np.float32), low, r_cranium, r_chin, _SKIN, HEAD_TAG)


def body_cones(positions: FloatArray, turns: FloatArray, jaw_open: float) -> list[Cone]:
    """All cones of the figure in the world.

    Args:
        positions: bones in the world, [55, 3] metres.
        turns: global rotations, [55, 4].
        jaw_open: 0..1.
    """

    def place(bone: str, point: tuple[float, float, float] | FloatArray) -> FloatArray:
        index = BONE_INDEX[bone]
        turned = rotate(turns[index], np.asarray(point, np.float32))
        return np.asarray(positions[index] + turned, np.float32)

    cones = []
    for side, sign in (("Left", 1.0), ("Right", -1.0)):

        def end(at: _End, prefix: str = side, flip: float = sign) -> tuple[FloatArray, float]:
            bone, (x, y, z), radius = at
            name = bone if bone in BONE_INDEX else prefix + bone
            return place(name, (x * flip, y, z)), radius

        def cone(start: _End, stop: _End, colour: _Colour, tag: int = 0) -> Cone:
            (a, r_a), (b, r_b) = end(start), end(stop)
            return Cone(a, b, r_a, r_b, colour, tag)

        cones += [cone(*part, CLOTH_TAG) for part in _TRUNK]
        cones += [cone(*part, _LIMB[side]) for part in _LIMBS]
        cones += [cone(*part, _SHOE) for part in _SHOES]
        cones += [cone(*part, _HAND[side]) for part in _PALM]
        cones += _finger_cones(side, positions, turns)
    head = head_cone(jaw_open)
    cones += [
        Cone(place("Neck", (0, -0.02, 0)), place("Head", (0, 0.03, 0)), 0.05, 0.044, _SKIN),
        Cone(place("Head", head.start), place("Head", head.end), 0.096, 0.058, _SKIN, HEAD_TAG),
        Cone(
            place("Head", (0, 0.112, -0.016)), place("Head", (0, 0.06, -0.04)), 0.097, 0.08, _HAIR
        ),
        Cone(
            place("Head", (0, 0.058, 0.090)), place("Head", (0, 0.040, 0.103)), 0.008, 0.0125, _SKIN
        ),
    ]
    for x in (0.092, -0.092):
        ear = place("Head", (x, 0.068, 0.0)), place("Head", (x * 0.97, 0.045, 0.004))
        cones.append(Cone(*ear, 0.017, 0.011, _SKIN))
    return cones


def _finger_cones(side: str, positions: FloatArray, turns: FloatArray) -> list[Cone]:
    """Three segments for each of the five fingers of one hand."""
    cones = []
    for finger, radius in _FINGER_RADIUS_M.items():
        bones = [
            BONE_INDEX[f"{side}{finger}{part}"] for part in ("Proximal", "Intermediate", "Distal")
        ]
        tip = positions[bones[2]] + 0.8 * rotate(turns[bones[2]], REST_OFFSETS_M[bones[2]])
        points = [*(positions[bone] for bone in bones), tip]
        for index in range(3):
            radii = radius * (1 - 0.07 * index), radius * (0.93 - 0.07 * index)
            cones.append(Cone(points[index], points[index + 1], *radii, _HAND[side]))
    return cones
