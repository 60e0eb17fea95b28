"""A small BVH reader that knows nothing of the writer: any channel order, positions by matrices."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass
class Joint:
    name: str
    parent: int
    offset: Array
    channels: list[str] = field(default_factory=list)
    has_end_site: bool = False


@dataclass
class Motion:
    joints: list[Joint]
    frame_time_s: float
    rows: Array  # [frames, channels]

    def place(self, frame: int) -> dict[str, tuple[Array, Array]]:
        """World position and rotation matrix of every joint."""
        placed: list[tuple[Array, Array]] = []
        values = iter(self.rows[frame])
        for joint in self.joints:
            local, turned = joint.offset.copy(), np.eye(3)
            for channel in joint.channels:
                value, axis = next(values), "XYZ".index(channel[0])
                if channel.endswith("position"):
                    local[axis] += value
                else:
                    turned = turned @ about(axis, np.radians(value))
            if joint.parent >= 0:
                position, rotation = placed[joint.parent]
                local, turned = position + rotation @ local, rotation @ turned
            placed.append((local, turned))
        return {joint.name: pose for joint, pose in zip(self.joints, placed, strict=True)}


def about(axis: int, angle_rad: float) -> Array:
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turned = np.eye(3)
    turned[first, first] = turned[second, second] = np.cos(angle_rad)
    turned[second, first], turned[first, second] = np.sin(angle_rad), -np.sin(angle_rad)
    return turned


def read_bvh(text: str) -> Motion:
    hierarchy, motion = text.split("MOTION\n")
    joints: list[Joint] = []
    stack: list[int] = []
    in_end_site = False
    for line in hierarchy.splitlines():
        word, *rest = line.split()
        if word in ("ROOT", "JOINT"):
            joints.append(Joint(rest[0], stack[-1] if stack else -1, np.zeros(3)))
            stack.append(len(joints) - 1)
        elif word == "End":
            in_end_site = joints[-1].has_end_site = True
        elif word == "OFFSET" and not in_end_site:
            joints[-1].offset = np.array([float(value) for value in rest])
        elif word == "CHANNELS":
            assert int(rest[0]) == len(rest) - 1
            joints[-1].channels = rest[1:]
        elif word == "}" and in_end_site:
            in_end_site = False
        elif word == "}":
            stack.pop()
    assert not stack
    count, frame_time, *lines = motion.splitlines()
    assert count.startswith("Frames: ")
    assert frame_time.startswith("Frame Time: ")
    rows = np.array([[float(value) for value in line.split()] for line in lines])
    assert len(rows) == int(count.split()[1])
    return Motion(joints, float(frame_time.split()[2]), rows)
