"""From our normalised poses to the local poses that `/VMC/Ext/Bone/Pos` carries, in Unity's space.

A normalised rotation N says how a bone turns from the T-pose, about the axes of the world. With the
model at rest, let P be the world rotation of the node above a bone and W that of the bone. When its
ancestors turn by G in all, that node stands at G P and the bone has to stand at G N W, so its local
rotation is (G P)^-1 G N W = P^-1 N W. This is linear in N, hence one 4 x 4 matrix a bone.
Source: VRM Consortium, "VRMC_vrm_animation-1.0", how_to_transform_human_pose.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine_bridge.coordinates import UNITY_POSITION_SIGNS, UNITY_ROTATION_SIGNS
from engine_bridge.vrm_model import MatrixArray, VrmModel, nearest_ancestor, rotation_of
from umo_runtime.skeleton import BONE_INDEX, PARENTS, REST_OFFSETS_M, multiply
from umo_runtime.types import FloatArray, IntArray

_HIPS = BONE_INDEX["Hips"]
# Where a model has no such bone, its chest or spine carries the ribs, and turns for both.
_TRUNK = (BONE_INDEX["Chest"], BONE_INDEX["UpperChest"])
# multiply(a, b) = (a @ _PRODUCT).reshape(4, 4) @ b
_PRODUCT: FloatArray = (
    multiply(np.eye(4, dtype=np.float32)[:, None], np.eye(4, dtype=np.float32)[None])
    .transpose(0, 2, 1)
    .reshape(4, 16)
)


@dataclass(frozen=True, eq=False)
class BoneSpace:
    """How the poses of one model are written.

    Attributes:
        bones: which are sent, indices into `BONES`, ascending, [B].
        turning: the bones whose rotations are taken; others than `bones` where those turn for
            missing ones, too, [B].
        folds: what is multiplied to them then, step by step: which rows, and by which bones.
        rotation_maps: from a normalised rotation to the one that is sent, [B, 4, 4].
        positions_m: what is sent at rest, [B, 3].
        hips_map: from our position of the hips to the one that is sent, [3, 4], for x y z 1.
    """

    bones: IntArray
    turning: IntArray
    folds: tuple[tuple[IntArray, IntArray], ...]
    rotation_maps: FloatArray
    positions_m: FloatArray
    hips_map: FloatArray

    def turn(self, rotations: FloatArray, out: FloatArray) -> None:
        """Write the rotations to send.

        Args:
            rotations: normalised, in our space, [N, 55, 4] xyzw.
            out: [B, 4, N].
        """
        chosen = rotations.take(self.turning, axis=1)
        for rows, others in self.folds:
            chosen[:, rows] = _product(chosen[:, rows], rotations.take(others, axis=1))
        np.matmul(self.rotation_maps, chosen.transpose(1, 2, 0), out=out)

    def place(self, root_positions: FloatArray, out: FloatArray) -> None:
        """Write the positions of the hips to send.

        Args:
            root_positions: metres, in our space, [N, 3].
            out: [3, N].
        """
        np.matmul(self.hips_map[:, :3], root_positions.T, out=out)
        out += self.hips_map[:, 3:]


def normalised_space(bones: Sequence[int]) -> BoneSpace:
    """Poses as they are: for VRM 0.x models and for receivers that retarget.

    Args:
        bones: which are sent, ascending.
    """
    rotation_map = np.diag(UNITY_ROTATION_SIGNS)
    return BoneSpace(
        np.array(bones),
        np.array(bones),
        (),
        np.tile(rotation_map, (len(bones), 1, 1)),
        REST_OFFSETS_M[list(bones)] * UNITY_POSITION_SIGNS,
        np.column_stack((np.diag(UNITY_POSITION_SIGNS), np.zeros(3, np.float32))),
    )


def model_space(model: VrmModel, bones: Sequence[int]) -> BoneSpace:
    """Poses of a model's own bones: rotations about its own axes, its own proportions.

    The hips move in proportion to how high the model's own are.

    Args:
        model: the receiver's. `model.normalised()` gives the poses of its control rig.
        bones: which are wanted, ascending; those that it lacks are left out.
    """
    sent = [bone for bone in bones if bone in model.bones]
    rows = [model.bones.index(bone) for bone in sent]
    chains = [_chain(bone, model.bones) for bone in sent]
    return BoneSpace(
        np.array(sent, np.int64),
        np.array([chain[0] for chain in chains], np.int64),
        tuple(_folds(chains)),
        _rotation_maps(model.parents[rows], model.world[rows]),
        model.locals[rows, :3, 3].astype(np.float32) * UNITY_POSITION_SIGNS,
        _hips_map(model),
    )


def _chain(bone: int, present: Sequence[int]) -> tuple[int, ...]:
    """A bone of the model, among the missing ones whose rotation it takes on, in order.

    A missing bone hands its rotation to its children, as the specification recommends; one of the
    trunk to the bone below it. The children stand the same either way.
    """
    above: list[int] = []
    parent = PARENTS[bone]
    while parent >= 0 and parent not in present:
        above.insert(0, parent)
        parent = PARENTS[parent]
    missing_trunk = [each for each in _TRUNK if each not in present]
    taken_on = [each for each in missing_trunk if nearest_ancestor(each, present) == bone]
    return (*(each for each in above if each not in _TRUNK), bone, *taken_on)


def _folds(chains: Sequence[tuple[int, ...]]) -> Iterator[tuple[IntArray, IntArray]]:
    for step in range(1, max(map(len, chains), default=0)):
        rows = [row for row, chain in enumerate(chains) if len(chain) > step]
        yield np.array(rows), np.array([chains[row][step] for row in rows])


def _rotation_maps(parents: MatrixArray, world: MatrixArray) -> FloatArray:
    """What P^-1 N W, mirrored, does to the four numbers of N, [B, 4, 4]."""
    above, own = (rotation_of(each).astype(np.float32)[:, None] for each in (parents, world))
    conjugate = above * np.array([-1, -1, -1, 1], np.float32)
    columns = multiply(multiply(conjugate, np.eye(4, dtype=np.float32)), own)
    maps: FloatArray = (columns * UNITY_ROTATION_SIGNS).transpose(0, 2, 1)
    return np.ascontiguousarray(maps)


def _hips_map(model: VrmModel) -> FloatArray:
    row = model.bones.index(_HIPS)
    rest_m, our_rest_m = model.world[row, :3, 3], REST_OFFSETS_M[_HIPS]
    scale = rest_m[1] / our_rest_m[1]
    world = np.eye(4)
    world[:3] = np.column_stack((scale * np.eye(3), rest_m - scale * our_rest_m))
    local: FloatArray = (np.linalg.inv(model.parents[row]) @ world)[:3].astype(np.float32)
    return local * UNITY_POSITION_SIGNS[:, None]


def _product(a: FloatArray, b: FloatArray) -> FloatArray:
    """What `multiply` gives, for [N, F, 4]; faster for few."""
    matrices = (a @ _PRODUCT).reshape(*a.shape, 4)
    product: FloatArray = np.matmul(matrices, b[..., None])
    return product[..., 0]
