"""Motion as glTF: the skeleton as nodes at rest, and the curves that move it.

glTF shares our space: right-handed, metres, y up, facing +z, quaternions x y z w.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from engine_bridge.gltf_document import Curve, GltfDocument
from engine_bridge.gltf_timeline import Timeline
from engine_bridge.motion_buffer import MotionBuffer
from umo_runtime.skeleton import BONE_INDEX, PARENTS, REST_OFFSETS_M
from umo_runtime.types import FloatArray

_HIPS = BONE_INDEX["Hips"]


def add_skeleton(document: GltfDocument, names: Mapping[int, str]) -> dict[int, int]:
    """Add bones in the T-pose; returns the node of each.

    Args:
        document: gets the nodes.
        names: of the bones to add, parents before their children.
    """
    nodes: dict[int, int] = {}
    for bone, name in names.items():
        above = nodes[PARENTS[bone]] if PARENTS[bone] >= 0 else None
        nodes[bone] = document.add_node(name, above, translation=REST_OFFSETS_M[bone].tolist())
    return nodes


def body_curves(
    timeline: Timeline, nodes: Mapping[int, int], motion: MotionBuffer
) -> Iterable[Curve]:
    """Move the hips and turn every bone that has a node; the buffer's rotations become smooth."""
    yield timeline.curve(nodes[_HIPS], "translation", motion.root_positions)
    for bone, node in nodes.items():
        rotations = motion.rotations[:, bone]
        smoothen(rotations)
        yield timeline.curve(node, "rotation", rotations)


def smoothen(rotations: FloatArray) -> None:
    """Make quaternions [T, 4] unit and each the nearer of the two signs to the one before.

    In place. q and -q are the same rotation, but what interpolates numbers would swing round.
    """
    turns_over = (rotations[1:] * rotations[:-1]).sum(axis=-1) < 0
    rotations[1:][np.logical_xor.accumulate(turns_over)] *= -1
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)


def key_times(times_s: npt.NDArray[np.float64], fps: float) -> FloatArray:
    """Times of keys, [T] float32, from 0 on and strictly rising, as glTF requires.

    A frame whose time does not go on (a bad one may repeat the time before) comes one period later.
    """
    keys = np.empty(len(times_s), np.float32)
    last = -1 / fps
    for index, time_s in enumerate(times_s.astype(np.float32).tolist()):
        last = time_s if time_s > last and time_s >= 0 else last + 1 / fps
        keys[index] = last
    return keys
