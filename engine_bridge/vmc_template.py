"""A whole VMC frame as datagrams that are built once and then only patched.

Strings, sizes and type tags never change between frames, so a frame costs one write of some 280
big-endian floats instead of the encoding of 117 messages.
Source: VirtualMotionCaptureProtocol v3.1, Performer to Marionette; the order of the messages is the
strict profile of `docs/wire_protocol.md`, which says which receiver forces each rule.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from engine_bridge.coordinates import (
    UNITY_POSITION_SIGNS,
    UNITY_ROTATION_SIGNS,
    to_unity_position,
)
from engine_bridge.osc_bundle import PackedBundles, encode_message, pack_bundles
from umo_runtime.blendshapes import BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONES, NUM_BONES, REGION_BONES, REST_OFFSETS_M, Region
from umo_runtime.types import FloatArray, IntArray

BlendCase = Literal["camel", "pascal"]

MAX_DATAGRAM_BYTES = 1400
# Presets that a receiver would otherwise keep from another sender, on top of our mouth and eyelids.
ZERO_PRESETS = ("Blink", "A", "I", "U", "E", "O")
_IDENTITY_POSE = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_POSE_FLOATS, _ROTATION_FLOATS = 7, 4
_CALIBRATED, _NORMAL_MODE = 3, 0


class VmcTemplate:
    """The datagrams of one avatar.

    Args:
        blend_case: spelling of the ARKit names, `browDownLeft` or `BrowDownLeft`.
        fingers: send the 30 finger bones too.
        root_bone: also send the root as a bone, for receivers that misread `/VMC/Ext/Root/Pos`.

    Attributes:
        datagrams: views of the current frame, in sending order; the next `set_*` changes them.
    """

    def __init__(
        self, *, blend_case: BlendCase = "camel", fingers: bool = True, root_bone: bool = False
    ) -> None:
        hands = set(REGION_BONES[Region.HANDS])
        self._bones = np.array([b for b in range(NUM_BONES) if fingers or b not in hands])
        messages = list(_messages(self._bones.tolist(), _blend_names(blend_case), root_bone))
        packed = pack_bundles(messages, MAX_DATAGRAM_BYTES)
        self._buffer = bytearray(b"".join(packed.datagrams))
        self._words = np.frombuffer(self._buffer, ">f4")
        self.datagrams = _views(self._buffer, packed)
        self._lay_out_values(packed, num_tail_messages=NUM_BLENDSHAPES + len(ZERO_PRESETS) + 1)

    def set_pose(
        self, rotations: FloatArray, root_position: FloatArray, blendshapes: FloatArray
    ) -> None:
        """Patch the pose.

        Args:
            rotations: parent-local, in our space, [55, 4] xyzw.
            root_position: position of the hips in metres, in our space, [3].
            blendshapes: [52] in 0..1.
        """
        np.multiply(rotations[self._bones], UNITY_ROTATION_SIGNS, out=self._rotation_values)
        np.multiply(root_position, UNITY_POSITION_SIGNS, out=self._position_values)
        self._blend_values[:] = blendshapes
        self._words[self._slots] = self._values

    def set_time(self, seconds: float) -> None:
        """Patch `/VMC/Ext/T`, the sender's relative time."""
        self._words[self._time_slot] = seconds

    def _lay_out_values(self, packed: PackedBundles, num_tail_messages: int) -> None:
        """Point every changing value, gathered in one array, at its word in the datagrams."""
        ends = np.array(packed.ends) // 4
        num_bones = len(self._bones)
        blends = ends[-num_tail_messages:][:NUM_BLENDSHAPES]
        hips_start = ends[0] - _POSE_FLOATS  # Hips is the first bone
        rotation_starts = ends[:num_bones] - _ROTATION_FLOATS
        self._time_slot = int(ends[-num_tail_messages - 1]) - 1
        self._slots: IntArray = np.concatenate(
            (
                (rotation_starts[:, None] + np.arange(_ROTATION_FLOATS)).ravel(),
                hips_start + np.arange(3),
                blends - 1,
            )
        )
        self._values: FloatArray = np.zeros(len(self._slots), np.float32)
        self._rotation_values = self._values[: 4 * num_bones].reshape(num_bones, 4)
        self._position_values = self._values[4 * num_bones : 4 * num_bones + 3]
        self._blend_values = self._values[-NUM_BLENDSHAPES:]


def _messages(bones: Sequence[int], blends: Sequence[str], root_bone: bool) -> Iterator[bytes]:
    for bone in bones:
        offset = to_unity_position(REST_OFFSETS_M[bone]).tolist()
        yield encode_message("/VMC/Ext/Bone/Pos", BONES[bone], *offset, 0.0, 0.0, 0.0, 1.0)
    if root_bone:
        yield encode_message("/VMC/Ext/Bone/Pos", "root", *_IDENTITY_POSE)
    yield encode_message("/VMC/Ext/Root/Pos", "root", *_IDENTITY_POSE)
    yield encode_message("/VMC/Ext/OK", 1, _CALIBRATED, _NORMAL_MODE)
    yield encode_message("/VMC/Ext/T", 0.0)
    for name in (*blends, *ZERO_PRESETS):
        yield encode_message("/VMC/Ext/Blend/Val", name, 0.0)
    yield encode_message("/VMC/Ext/Blend/Apply")


def _blend_names(case: BlendCase) -> list[str]:
    return [name[0].upper() + name[1:] if case == "pascal" else name for name in BLENDSHAPES]


def _views(buffer: bytearray, packed: PackedBundles) -> tuple[memoryview, ...]:
    stops = np.cumsum([len(datagram) for datagram in packed.datagrams]).tolist()
    return tuple(
        memoryview(buffer)[start:stop] for start, stop in zip([0, *stops], stops, strict=False)
    )
