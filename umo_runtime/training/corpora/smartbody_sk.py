"""Reads SmartBody skeletons (`.sk`, text).

A skeleton is nested `root` and `joint NAME { offset x y z; prerot axis x y z ang degrees; .. }`.
Global rotation = parent global x prerot x exp(rotation vector); global position = parent position +
parent global x (offset + position channels). Lengths are metres or centimetres; y is up; the rest
pose faces +z.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import multiply, rotate
from umo_runtime.training.corpora.rotations import from_rotation_vector, normalize
from umo_runtime.training.corpora.utterance import FloatArray


@dataclass(frozen=True, slots=True)
class Joint:
    """One joint: its parent's index (-1 for the root), offset [3] and pre-rotation [4]."""

    name: str
    parent: int
    offset: FloatArray
    prerotation: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SmartbodySkeleton:
    """Joints, every parent before its children. Compared by identity."""

    name: str
    joints: tuple[Joint, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Joint names in order."""
        return tuple(joint.name for joint in self.joints)

    def pruned(self, names: set[str]) -> "SmartbodySkeleton":
        """Only the joints in `names` and those above them: placing without the face is faster."""
        kept: set[int] = set()
        for index, joint in enumerate(self.joints):
            above = index
            while joint.name in names and above >= 0:
                kept.add(above)
                above = self.joints[above].parent
        order = {old: new for new, old in enumerate(sorted(kept))} | {-1: -1}
        joints = (self.joints[old] for old in sorted(kept))
        return SmartbodySkeleton(
            self.name, tuple(replace(joint, parent=order[joint.parent]) for joint in joints)
        )

    def place(
        self, rotations: dict[str, FloatArray], shifts: dict[str, FloatArray], num_frames: int = 1
    ) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """Forward kinematics by the file's own formula.

        Args:
            rotations: quaternions [T, 4] of animated joints; the others rest.
            shifts: added to the offsets, [T, 3]; the others stay.
            num_frames: T.

        Returns:
            Global positions [T, 3] and rotations [T, 4] by joint name.
        """
        positions: dict[str, FloatArray] = {}
        turns: dict[str, FloatArray] = {}
        for joint in self.joints:
            shift = joint.offset + shifts.get(joint.name, np.zeros((num_frames, 3), np.float32))
            turn = np.broadcast_to(joint.prerotation, (num_frames, 4))
            if joint.name in rotations:
                turn = multiply(turn, rotations[joint.name])
            if joint.parent >= 0:
                parent = self.joints[joint.parent].name
                shift = positions[parent] + rotate(turns[parent], shift)
                turn = multiply(turns[parent], turn)
            positions[joint.name], turns[joint.name] = shift, turn
        return positions, turns


def read_skeleton(path: Path) -> SmartbodySkeleton:
    """Parse one `.sk` file.

    Raises:
        CorpusError: the text is not a skeleton.
    """
    joints: list[Joint] = []
    open_joints: list[int] = []
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
        words = line.replace("{", " { ").replace("}", " } ").split()
        try:
            _read_line(words, joints, open_joints)
        except (ValueError, IndexError):
            raise CorpusError(
                f"{path}:{number}: cannot read skeleton line {line.strip()!r}"
            ) from None
    if not joints or open_joints:
        raise CorpusError(
            f"{path}: expected nested joints with matching braces; get the file again"
        )
    return SmartbodySkeleton(path.stem, tuple(joints))


def _read_line(words: list[str], joints: list[Joint], open_joints: list[int]) -> None:
    """Take one line's words into the list of joints; `open_joints` is the path of open braces."""
    while words:
        keyword = words.pop(0)
        if keyword in ("root", "joint"):
            parent = open_joints[-1] if open_joints else -1
            rest = np.array([0, 0, 0, 1], np.float32)
            joints.append(Joint(words.pop(0), parent, np.zeros(3, np.float32), rest))
        elif keyword == "{":
            open_joints.append(len(joints) - 1)
        elif keyword == "}":
            open_joints.pop()
        elif keyword == "offset":
            offset = np.array([float(words.pop(0)) for _ in range(3)], np.float32)
            joints[-1] = replace(joints[-1], offset=offset)
        elif keyword == "prerot":
            joints[-1] = _with_prerotation(joints[-1], words)
        else:  # channel, visgeo, colgeo, comments, set_name: nothing that places a joint
            return


def _with_prerotation(joint: Joint, words: list[str]) -> Joint:
    """`axis x y z ang degrees`, taken off the front of `words`."""
    _, x, y, z, _, degrees = (words.pop(0) for _ in range(6))
    axis = normalize(np.array([float(x), float(y), float(z)], np.float32))
    turn = from_rotation_vector((axis * np.deg2rad(float(degrees))).astype(np.float32))
    return replace(joint, prerotation=turn)
