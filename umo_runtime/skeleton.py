"""The 55-bone humanoid that every part of the system speaks.

Bones are Unity's `HumanBodyBones` (the VRM humanoid). Space: metres, right-handed, y up; the
character faces +z, so its left is +x. Rotations are parent-local unit quaternions ordered
(x, y, z, w) and normalised: in the T-pose (palms down, thumbs forward) every one is the identity.
"""

import enum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

_FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")
_SEGMENTS = ("Proximal", "Intermediate", "Distal")


class Region(enum.IntEnum):
    """Body regions with an expert and a tokenizer each, in the order the predictor decodes them.

    The trunk is hips, legs, spine, neck and head; arms end at the wrists.
    """

    TRUNK = 0
    ARMS = 1
    HANDS = 2
    FACE = 3


# name, parent, rest offset from the parent in metres, region. Left side only; mirrored below.
_CENTRE: tuple[tuple[str, str, tuple[float, float, float], Region], ...] = (
    ("Hips", "", (0.0, 0.93, 0.0), Region.TRUNK),
    ("Spine", "Hips", (0.0, 0.09, -0.01), Region.TRUNK),
    ("Chest", "Spine", (0.0, 0.12, 0.0), Region.TRUNK),
    ("UpperChest", "Chest", (0.0, 0.12, -0.005), Region.TRUNK),
    ("Neck", "UpperChest", (0.0, 0.16, -0.01), Region.TRUNK),
    ("Head", "Neck", (0.0, 0.09, 0.02), Region.TRUNK),
    ("Jaw", "Head", (0.0, 0.01, 0.03), Region.FACE),
)
_LEFT: tuple[tuple[str, str, tuple[float, float, float], Region], ...] = (
    ("LeftUpperLeg", "Hips", (0.09, -0.04, 0.0), Region.TRUNK),
    ("LeftLowerLeg", "LeftUpperLeg", (0.0, -0.41, 0.005), Region.TRUNK),
    ("LeftFoot", "LeftLowerLeg", (0.0, -0.40, -0.02), Region.TRUNK),
    ("LeftToes", "LeftFoot", (0.0, -0.06, 0.13), Region.TRUNK),
    ("LeftEye", "Head", (0.032, 0.07, 0.08), Region.FACE),
    ("LeftShoulder", "UpperChest", (0.03, 0.11, -0.01), Region.ARMS),
    ("LeftUpperArm", "LeftShoulder", (0.12, 0.0, 0.0), Region.ARMS),
    ("LeftLowerArm", "LeftUpperArm", (0.27, 0.0, 0.0), Region.ARMS),
    ("LeftHand", "LeftLowerArm", (0.25, 0.0, 0.0), Region.ARMS),
)
_FINGER_BASE_M = {
    "Thumb": (0.025, -0.015, 0.030),
    "Index": (0.090, 0.0, 0.026),
    "Middle": (0.092, 0.0, 0.004),
    "Ring": (0.087, 0.0, -0.016),
    "Little": (0.080, 0.0, -0.034),
}
_FINGER_SEGMENT_M = {
    "Thumb": ((0.030, 0.0, 0.025), (0.024, 0.0, 0.012)),
    "Index": ((0.040, 0.0, 0.0), (0.024, 0.0, 0.0)),
    "Middle": ((0.044, 0.0, 0.0), (0.027, 0.0, 0.0)),
    "Ring": ((0.040, 0.0, 0.0), (0.026, 0.0, 0.0)),
    "Little": ((0.032, 0.0, 0.0), (0.020, 0.0, 0.0)),
}


def _left_fingers() -> list[tuple[str, str, tuple[float, float, float], Region]]:
    bones = []
    for finger in _FINGERS:
        offsets = (_FINGER_BASE_M[finger], *_FINGER_SEGMENT_M[finger])
        parent = "LeftHand"
        for segment, offset in zip(_SEGMENTS, offsets, strict=True):
            name = f"Left{finger}{segment}"
            bones.append((name, parent, offset, Region.HANDS))
            parent = name
    return bones


def _mirror(
    bone: tuple[str, str, tuple[float, float, float], Region],
) -> tuple[str, str, tuple[float, float, float], Region]:
    name, parent, (x, y, z), region = bone
    return name.replace("Left", "Right"), parent.replace("Left", "Right"), (-x, y, z), region


_LEFT_ALL = (*_LEFT, *_left_fingers())
_SPINE = ("Spine", "Chest", "UpperChest", "Neck", "Head")
# Grouped by region in predictor order, legs before the spine, eyes before the jaw; parents always
# come before their children within the list.
_ALL = sorted(
    (*_CENTRE, *_LEFT_ALL, *map(_mirror, _LEFT_ALL)),
    key=lambda bone: (bone[3], bone[0] in (*_SPINE, "Jaw")),
)

BONES: tuple[str, ...] = tuple(bone[0] for bone in _ALL)
NUM_BONES = len(BONES)
BONE_INDEX: dict[str, int] = {name: index for index, name in enumerate(BONES)}
PARENTS: tuple[int, ...] = tuple(BONE_INDEX[bone[1]] if bone[1] else -1 for bone in _ALL)
REST_OFFSETS_M: FloatArray = np.array([bone[2] for bone in _ALL], dtype=np.float32)
REGION_BONES: dict[Region, tuple[int, ...]] = {
    region: tuple(index for index, bone in enumerate(_ALL) if bone[3] == region)
    for region in Region
}
UPPER_BODY_BONES: tuple[int, ...] = (
    *(BONE_INDEX[name] for name in _SPINE),
    *REGION_BONES[Region.ARMS],
)
IDENTITY_ROTATIONS: FloatArray = np.tile(np.array([0, 0, 0, 1], np.float32), (NUM_BONES, 1))


def multiply(a: FloatArray, b: FloatArray) -> FloatArray:
    """Hamilton product of quaternions [..., 4] xyzw: the rotation `b` followed by `a`."""
    ax, ay, az, aw = np.moveaxis(a, -1, 0)
    bx, by, bz, bw = np.moveaxis(b, -1, 0)
    return np.stack(
        (
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ),
        axis=-1,
    )


def rotate(rotation: FloatArray, vector: FloatArray) -> FloatArray:
    """Turn vectors [..., 3] by unit quaternions [..., 4] xyzw."""
    axis, w = rotation[..., :3], rotation[..., 3:]
    twice = 2 * np.cross(axis, vector)
    return vector + w * twice + np.cross(axis, twice)


def forward_kinematics(
    rotations: FloatArray, root_position: FloatArray, offsets_m: FloatArray = REST_OFFSETS_M
) -> tuple[FloatArray, FloatArray]:
    """Place every bone in the world.

    Args:
        rotations: parent-local rotations, [..., 55, 4] xyzw.
        root_position: position of the hips in metres, [..., 3].
        offsets_m: rest offsets from the parents, [55, 3].

    Returns:
        Global positions [..., 55, 3] in metres and global rotations [..., 55, 4].
    """
    positions = np.empty((*rotations.shape[:-1], 3), np.float32)
    turns = np.empty_like(rotations)
    for bone, parent in enumerate(PARENTS):
        if parent < 0:
            positions[..., bone, :], turns[..., bone, :] = root_position, rotations[..., bone, :]
            continue
        turns[..., bone, :] = multiply(turns[..., parent, :], rotations[..., bone, :])
        positions[..., bone, :] = positions[..., parent, :] + rotate(
            turns[..., parent, :], np.broadcast_to(offsets_m[bone], root_position.shape)
        )
    return positions, turns
