"""Whole VMC frames as datagrams that are built once and then only patched.

Strings, sizes and type tags never change between frames, so a frame costs one write of some 280
big-endian floats instead of the encoding of 117 messages.
Source: VirtualMotionCaptureProtocol v3.1, Performer to Marionette; the order of the messages is the
strict profile of `docs/wire_protocol.md`, which says which receiver forces each rule.
"""

from collections.abc import Iterator

import numpy as np

from engine_bridge.osc_bundle import encode_message
from engine_bridge.osc_patch import PatchedBundles
from engine_bridge.vmc_blends import ARKIT, BlendProfile
from engine_bridge.vmc_bone_space import BoneSpace, normalised_space
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, BONES, NUM_BONES
from umo_runtime.types import FloatArray, IntArray

_IDENTITY_POSE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_POSE_FLOATS, _ROTATION_FLOATS = 7, 4
_CALIBRATED, _NORMAL_MODE = 3, 0
_HIPS = BONE_INDEX["Hips"]


class VmcTemplate:
    """The datagrams of one avatar, or of many alike that are patched in one go.

    Args:
        bone_space: which bones are sent, and how their poses are written; all 55 normalised ones by
            default.
        blends: which expressions are sent.
        root: send `/VMC/Ext/Root/Pos`.
        root_bone: also send the root as a bone, for receivers that misread `/VMC/Ext/Root/Pos`.
        num_avatars: N.

    Attributes:
        datagrams: views of the current frame, in sending order, avatar by avatar, the same number
            for each; the next `set_*` changes them.
    """

    def __init__(
        self,
        bone_space: BoneSpace | None = None,
        blends: BlendProfile = ARKIT,
        *,
        root: bool = True,
        root_bone: bool = False,
        num_avatars: int = 1,
    ) -> None:
        self._space = bone_space or normalised_space(range(NUM_BONES))
        self._blends = blends
        face = list(_expressions(blends))
        body = [*_poses(self._space), *_state(root, root_bone)]
        bundles = PatchedBundles([*body, *face], num_avatars)
        self.datagrams, self._words = bundles.datagrams, bundles.words
        self._lay_out_values(bundles.ends, len(body), num_avatars)

    def set_pose(
        self, rotations: FloatArray, root_position: FloatArray, blendshapes: FloatArray
    ) -> None:
        """Patch the poses; the axis N may be left out for one avatar.

        Args:
            rotations: parent-local, in our space, [N, 55, 4] xyzw.
            root_position: position of the hips in metres, in our space, [N, 3].
            blendshapes: [N, 52] in 0..1.
        """
        self._space.turn(rotations.reshape(-1, NUM_BONES, 4), self._rotation_values)
        if len(self._position_values):
            self._space.place(root_position.reshape(-1, 3), self._position_values)
        self._blend_values[:] = self._blends.weigh(blendshapes.reshape(-1, NUM_BLENDSHAPES)).T
        self._words[self._slots] = self._values

    def set_time(self, seconds: float) -> None:
        """Patch `/VMC/Ext/T`, the sender's relative time."""
        self._words[self._time_slots] = seconds

    def _lay_out_values(self, ends: IntArray, num_body: int, num_avatars: int) -> None:
        """Point every changing value, gathered in one array, at its word in the datagrams."""
        bones, moving = self._space.bones, len(self._blends.names)
        rotations = ends[: len(bones), None] - _ROTATION_FLOATS + np.arange(_ROTATION_FLOATS)
        hips = ends[: len(bones)][bones == _HIPS] - _POSE_FLOATS
        blends = ends[num_body:][:moving] - 1
        slots = np.concatenate((rotations.ravel(), (hips + np.arange(3)[:, None]).ravel(), blends))
        avatars = len(self._words) // num_avatars * np.arange(num_avatars)
        self._slots: IntArray = slots[:, None] + avatars
        self._time_slots: IntArray = ends[num_body - 1] - 1 + avatars
        self._values: FloatArray = np.zeros(self._slots.shape, np.float32)
        num_turns = 4 * len(bones)
        self._rotation_values = self._values[:num_turns].reshape(len(bones), 4, num_avatars)
        self._position_values = self._values[num_turns : len(slots) - moving]
        self._blend_values = self._values[len(slots) - moving :]


def _poses(space: BoneSpace) -> Iterator[bytes]:
    for bone, position_m in zip(space.bones.tolist(), space.positions_m.tolist(), strict=True):
        yield encode_message("/VMC/Ext/Bone/Pos", BONES[bone], *position_m, *_IDENTITY_POSE[3:])


def _state(root: bool, root_bone: bool) -> Iterator[bytes]:
    if root_bone:
        yield encode_message("/VMC/Ext/Bone/Pos", "root", *_IDENTITY_POSE)
    if root:
        yield encode_message("/VMC/Ext/Root/Pos", "root", *_IDENTITY_POSE)
    yield encode_message("/VMC/Ext/OK", 1, _CALIBRATED, _NORMAL_MODE)
    yield encode_message("/VMC/Ext/T", 0.0)


def _expressions(profile: BlendProfile) -> Iterator[bytes]:
    for name in (*profile.names, *profile.zeros):
        yield encode_message("/VMC/Ext/Blend/Val", name, 0.0)
    yield encode_message("/VMC/Ext/Blend/Apply")
