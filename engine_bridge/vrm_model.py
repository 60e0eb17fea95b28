"""The humanoid of a user's VRM file at rest: which bones it has, and how they stand.

Only the JSON of the file is read; meshes and pictures are not looked at.
Source: VRM Consortium, "VRM 0.x" (`extensions.VRM`) and "VRMC_vrm-1.0" (humanoid.md, tpose.md).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine_bridge.glb_file import read_glb
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONE_INDEX, NUM_BONES, PARENTS, rotate

MatrixArray = npt.NDArray[np.float64]
_Node = Mapping[str, Any]

_SIDES = ("Left", "Right")
REQUIRED_BONES = (
    *("Hips", "Spine", "Head"),
    *(
        side + bone
        for side in _SIDES
        for bone in ("UpperLeg", "LowerLeg", "Foot", "UpperArm", "LowerArm", "Hand")
    ),
)
# VRM 1.0 names the bones of the thumb after anatomy; Unity, VRM 0.x and we count from the hand.
_VRM1_THUMBS = {
    f"{side}Thumb{theirs}": f"{side}Thumb{ours}"
    for side in _SIDES
    for theirs, ours in (("Metacarpal", "Proximal"), ("Proximal", "Intermediate"))
}
_HALF_TURN = np.diag([-1.0, 1.0, -1.0, 1.0])  # about y; its own inverse
_EXPORT = "export it anew, from software that writes VRM"
_DAMAGE = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError)
_MIN_VOLUME = 1e-18  # of a unit cube; models are shrunk to a thousandth at times
_MAX_M = 1e5


@dataclass(frozen=True, eq=False)
class VrmModel:
    """A humanoid at rest, in our space (right-handed, metres, y up, facing +z).

    Attributes:
        bones: indices into `BONES`, ascending, [B].
        parents: where the node above each bone stands in the world, [B, 4, 4]. That node need not
            be a bone.
        locals: where each bone stands in the space of that node, [B, 4, 4].
    """

    bones: tuple[int, ...]
    parents: MatrixArray
    locals: MatrixArray

    @property
    def world(self) -> MatrixArray:
        """Where the bones stand in the world, [B, 4, 4]."""
        return self.parents @ self.locals

    def normalised(self) -> "VrmModel":
        """The same model with all its bones along the world's axes, and no nodes between them."""
        places = np.zeros((NUM_BONES + 1, 3))  # the last is the origin, for the hips' parent -1
        places[list(self.bones)] = self.world[:, :3, 3]
        parents = places[[nearest_ancestor(bone, self.bones) for bone in self.bones]]
        own = places[list(self.bones)]
        return VrmModel(self.bones, _translations(parents), _translations(own - parents))


def nearest_ancestor(bone: int, present: Collection[int]) -> int:
    """The first of the bones above one that is present; -1 above the hips."""
    parent = PARENTS[bone]
    while parent >= 0 and parent not in present:
        parent = PARENTS[parent]
    return parent


def rotation_of(transforms: MatrixArray) -> MatrixArray:
    """Rotations of transforms [..., 4, 4] without shear or mirror, [..., 4] xyzw.

    Source: I. Bar-Itzhack, "New Method for Extracting the Quaternion from a Rotation Matrix", 2000.
    """
    m = transforms[..., :3, :3] / np.linalg.norm(transforms[..., :3, :3], axis=-2, keepdims=True)
    trace = np.trace(m, axis1=-2, axis2=-1)
    symmetric = np.zeros((*m.shape[:-2], 4, 4))
    symmetric[..., :3, :3] = m + np.swapaxes(m, -2, -1) - trace[..., None, None] * np.eye(3)
    for row, (a, b) in enumerate(((2, 1), (0, 2), (1, 0))):
        symmetric[..., 3, row] = symmetric[..., row, 3] = m[..., a, b] - m[..., b, a]
    symmetric[..., 3, 3] = trace
    _, vectors = np.linalg.eigh(symmetric)  # by growing eigenvalue
    return vectors[..., -1]


def read_vrm(path: Path) -> VrmModel:
    """Read a file.

    Raises:
        OutputError: it cannot be read, or is no VRM with a whole humanoid.
    """
    try:
        return parse_vrm(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise OutputError(f"model {str(path)!r} cannot be read: {reason}; name a .vrm") from error
    except OutputError as error:
        raise OutputError(f"model {str(path)!r} cannot be used: {error}") from error


def parse_vrm(data: bytes) -> VrmModel:
    """Find the humanoid in the bytes of a file.

    Raises:
        OutputError: it is no VRM, is damaged, or lacks a required bone.
    """
    gltf, _ = read_glb(data)
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            model = _model(gltf)
            _check_stance(model)
    except _DAMAGE as error:
        raise OutputError(f"its humanoid or its nodes are damaged; {_EXPORT}") from error
    return model


def _model(gltf: _Node) -> VrmModel:
    nodes, is_vrm1 = _humanoid(gltf)
    parents, locals_ = _rest(gltf["nodes"], nodes)
    if not is_vrm1:  # VRM 0.x faces -z
        parents, locals_ = (_HALF_TURN @ each @ _HALF_TURN for each in (parents, locals_))
    return VrmModel(tuple(sorted(BONE_INDEX[name] for name in nodes)), parents, locals_)


def _humanoid(gltf: _Node) -> tuple[dict[str, int], bool]:
    """Nodes by the names of our bones, and whether the file is VRM 1.0."""
    extensions = gltf.get("extensions", {})
    is_vrm1 = "VRMC_vrm" in extensions
    if not is_vrm1 and "VRM" not in extensions:
        raise OutputError(f"it is glTF without the extension VRM or VRMC_vrm; {_EXPORT}")
    listed = extensions["VRMC_vrm" if is_vrm1 else "VRM"].get("humanoid", {}).get("humanBones", {})
    if is_vrm1:
        named = {_bone_name(name, _VRM1_THUMBS): bone["node"] for name, bone in listed.items()}
    else:
        named = {_bone_name(bone["bone"], {}): bone["node"] for bone in listed}
    missing = [name for name in REQUIRED_BONES if name not in named]
    if missing:
        raise OutputError(f"its humanoid has no {', '.join(missing)}; {_EXPORT}")
    return {name: node for name, node in named.items() if name in BONE_INDEX}, is_vrm1


def _bone_name(name: str, other_names: Mapping[str, str]) -> str:
    capital = name[:1].upper() + name[1:]
    return other_names.get(capital, capital)


def _rest(nodes: Sequence[_Node], bone_nodes: Mapping[str, int]) -> tuple[MatrixArray, MatrixArray]:
    """World transforms of the nodes above the bones, and of the bones below those, [B, 4, 4]."""
    above = {child: index for index, node in enumerate(nodes) for child in node.get("children", ())}
    names = sorted(bone_nodes, key=BONE_INDEX.__getitem__)
    chains = [list(_ancestry(bone_nodes[name], above, len(nodes))) for name in names]
    local = {index: _local_matrix(nodes[index]) for chain in chains for index in chain}
    parents = [
        reduce(lambda world, index: local[index] @ world, chain[1:], np.eye(4)) for chain in chains
    ]
    return np.array(parents), np.array([local[chain[0]] for chain in chains])


def _ancestry(node: int, above: Mapping[int, int], num_nodes: int) -> Iterator[int]:
    """A node, the one above it, and so on to the root."""
    for _ in range(num_nodes):
        if not 0 <= node < num_nodes:
            break
        yield node
        if node not in above:
            return
        node = above[node]
    raise ValueError("nodes go in a circle, or an index is out of range")


def _local_matrix(node: _Node) -> MatrixArray:
    """Transform of a node in the space of the one above it, [4, 4]."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T  # column-major in the file
    rotation = np.array(node.get("rotation", (0, 0, 0, 1)), np.float32).reshape(4)
    unit = rotation / np.linalg.norm(rotation)
    matrix = np.eye(4)
    matrix[:3, :3] = rotate(unit, np.eye(3, dtype=np.float32)).T * node.get("scale", (1, 1, 1))
    matrix[:3, 3] = node.get("translation", (0, 0, 0))
    return matrix


def _check_stance(model: VrmModel) -> None:
    """Refuse what no rotation can be read from, and what does not stand on the ground."""
    transforms = np.stack((model.parents, model.world))
    is_near = bool((np.abs(transforms) < _MAX_M).all())  # written so that NaN fails
    if not is_near or (np.linalg.det(transforms) < _MIN_VOLUME).any():
        raise OutputError(f"a bone is mirrored, flat or nowhere; {_EXPORT}")
    height_m = model.world[model.bones.index(BONE_INDEX["Hips"]), 1, 3]
    if height_m <= 0:
        raise OutputError(f"its hips are {height_m:.2f} m high; put its feet on the ground")


def _translations(offsets_m: MatrixArray) -> MatrixArray:
    matrices = np.tile(np.eye(4), (len(offsets_m), 1, 1))
    matrices[:, :3, 3] = offsets_m
    return matrices
