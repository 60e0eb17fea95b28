"""Small VRM files, made here, and where the bones of a received pose stand in Unity."""

import json
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from tests.engine_bridge.bridge_frames import Array, matrix
from umo_runtime.skeleton import BONE_INDEX, BONES, PARENTS, REST_OFFSETS_M

# How importers mirror a file into Unity: VRM 0.x, which faces -z, along z; VRM 1.0 along x.
MIRRORS = {0: np.diag([1.0, 1, -1, 1]), 1: np.diag([-1.0, 1, 1, 1])}
HALF_TURN = np.diag([-1.0, 1, -1, 1])
OPTIONAL_BONES = frozenset(
    name
    for name in BONES
    if any(
        part in name
        for part in (
            *("Chest", "Neck", "Eye", "Jaw", "Shoulder", "Toes"),
            *("Thumb", "Index", "Middle", "Ring", "Little"),
        )
    )
)


def pack_glb(document: object, *, binary: bytes = b"", version: int = 2) -> bytes:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    if binary:
        chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", version, 12 + len(chunks)) + chunks


@dataclass
class VrmFile:
    """A humanoid with our proportions, `size` times as large, whose bones may rest turned.

    Above the hips is a node that turns and shrinks, and in the left thigh one that is no bone.
    """

    version: int
    missing: frozenset[str] = frozenset()
    is_turned: bool = True
    size: float = 1.25
    nodes: list[dict[str, Any]] = field(default_factory=list)
    bone_nodes: dict[str, int] = field(default_factory=dict)
    above: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = np.random.default_rng(7)
        shrunk = np.eye(4)
        if self.is_turned:
            shrunk[:3, :3] = 0.01 * Rotation.from_euler("x", -90, degrees=True).as_matrix()
        world = {self._add(shrunk, None): shrunk}
        for bone, name in enumerate(BONES):
            if name in self.missing:
                continue
            parent = self._present_above(bone)
            if name == "LeftLowerLeg":
                parent = self._place(self._turned(random, bone, 0.5), parent, world)
            self.bone_nodes[name] = self._place(self._turned(random, bone, 1), parent, world)

    def bytes(self) -> bytes:
        return pack_glb(self.document())

    def document(self) -> dict[str, Any]:
        for child, parent in self.above.items():
            children = self.nodes[parent].setdefault("children", [])
            if child not in children:
                children.append(child)
        names = {name: name[0].lower() + name[1:] for name in self.bone_nodes}
        if self.version == 0:
            listed = [{"bone": names[n], "node": node} for n, node in self.bone_nodes.items()]
            extension: dict[str, Any] = {"VRM": {"humanoid": {"humanBones": listed}}}
        else:
            bones = {_thumb(names[n]): {"node": node} for n, node in self.bone_nodes.items()}
            extension = {"VRMC_vrm": {"specVersion": "1.0", "humanoid": {"humanBones": bones}}}
        return {"asset": {"version": "2.0"}, "nodes": self.nodes, "extensions": extension}

    def unity_world(self, sent: dict[str, tuple[float, ...]]) -> dict[str, Array]:
        """Transforms of the bones when a receiver has set their local poses; at rest for none."""
        mirror = MIRRORS[self.version]
        local = [mirror @ _node_matrix(node) @ mirror for node in self.nodes]
        for name, pose in sent.items():
            node = self.bone_nodes[name]
            scale = np.linalg.norm(local[node][:3, 0])
            local[node][:3, :3] = scale * matrix(pose[3:])
            local[node][:3, 3] = pose[:3]
        return {name: self._chain(node, local) for name, node in self.bone_nodes.items()}

    def _chain(self, node: int, local: list[Array]) -> Array:
        parent = self.above.get(node)
        return local[node] if parent is None else self._chain(parent, local) @ local[node]

    def _present_above(self, bone: int) -> int:
        parent = PARENTS[bone]
        while parent >= 0 and BONES[parent] in self.missing:
            parent = PARENTS[parent]
        return self.bone_nodes[BONES[parent]] if parent >= 0 else 0

    def _turned(self, random: np.random.Generator, bone: int, share: float) -> Array:
        """The world transform of a bone, or of a node on the way to it."""
        place = _rest_position(bone) - (1 - share) * REST_OFFSETS_M[bone]
        transform = np.eye(4)
        if self.is_turned:
            transform[:3, :3] = Rotation.random(random_state=random).as_matrix()
        transform[:3, 3] = self.size * place
        return HALF_TURN @ transform @ HALF_TURN if self.version == 0 else transform

    def _place(self, transform: Array, parent: int, world: dict[int, Array]) -> int:
        scaled = transform.copy()
        scaled[:3, :3] *= np.linalg.norm(world[parent][:3, 0])
        node = self._add(np.linalg.inv(world[parent]) @ scaled, parent)
        world[node] = scaled
        return node

    def _add(self, local: Array, parent: int | None) -> int:
        """Add a node, every third one as a matrix."""
        node = len(self.nodes)
        if node % 3 == 2:
            self.nodes.append({"matrix": local.T.ravel().tolist()})
        else:
            scale = np.linalg.norm(local[:3, 0])
            turn = Rotation.from_matrix(local[:3, :3] / scale)
            self.nodes.append(
                {
                    "translation": local[:3, 3].tolist(),
                    "rotation": turn.as_quat().tolist(),
                    "scale": [scale] * 3,
                }
            )
        if parent is not None:
            self.above[node] = parent
        return node


def _thumb(name: str) -> str:
    if "Thumb" not in name:
        return name
    return name.replace("Proximal", "Metacarpal").replace("Intermediate", "Proximal")


def _rest_position(bone: int) -> Array:
    position = np.zeros(3)
    while bone >= 0:
        position += REST_OFFSETS_M[bone]
        bone = PARENTS[bone]
    return position


def _node_matrix(node: dict[str, Any]) -> Array:
    if "matrix" in node:
        return np.array(node["matrix"]).reshape(4, 4).T
    transform = np.eye(4)
    transform[:3, :3] = matrix(node["rotation"]) * node["scale"]
    transform[:3, 3] = node["translation"]
    return transform


def turned_in_unity(rotations: Array) -> dict[str, Array]:
    """World rotation matrices of our 55 bones in Unity, for normalised rotations [55, 4]."""
    mirror = np.diag([-1.0, 1, 1])
    turned: dict[str, Array] = {}
    for bone, name in enumerate(BONES):
        own = mirror @ matrix(rotations[bone]) @ mirror
        parent = PARENTS[bone]
        turned[name] = turned[BONES[parent]] @ own if parent >= 0 else own
    return turned


def nearest_present(name: str, missing: frozenset[str]) -> str:
    parent = BONES[PARENTS[BONE_INDEX[name]]]
    return nearest_present(parent, missing) if parent in missing else parent
