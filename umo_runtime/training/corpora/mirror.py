"""Left-right mirroring of motion: every clip also exists performed with the other hand."""

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, BONES
from umo_runtime.training.corpora.utterance import FloatArray, MotionClip

_SWAP = {"Left": "Right", "Right": "Left"}


def _other_side(bone: str) -> str:
    side = next((side for side in _SWAP if bone.startswith(side)), "")
    return _SWAP[side] + bone.removeprefix(side) if side else bone


_MIRRORED_BONE = np.array([BONE_INDEX[_other_side(bone)] for bone in BONES])
_MIRROR_TURN = np.array([1, -1, -1, 1], np.float32)  # reflection in the plane x = 0
_MIRROR_POINT = np.array([-1, 1, 1], np.float32)


def mirror_rotations(rotations: FloatArray) -> FloatArray:
    """Parent-local rotations [..., 55, 4] as seen in a mirror at x = 0."""
    return np.asarray(rotations[..., _MIRRORED_BONE, :] * _MIRROR_TURN, np.float32)


def mirror_clip(clip: MotionClip) -> MotionClip:
    """The same clip with left and right exchanged; its name and phases stay."""
    rotations = mirror_rotations(clip.rotations)
    root_position = (clip.root_position * _MIRROR_POINT).astype(np.float32)
    return MotionClip(clip.name, clip.character, rotations, root_position, clip.phases)
