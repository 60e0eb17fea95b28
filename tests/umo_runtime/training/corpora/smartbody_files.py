"""A small SmartBody skeleton and its motions, written by the test: our own T-pose as an A-pose."""

from pathlib import Path

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, PARENTS, REST_OFFSETS_M, FloatArray
from umo_runtime.training.corpora.smartbody_joints import JT_CENTRE, JT_SIDE

ARM_DROP_RAD = 0.7
_ARMS = {"LeftUpperArm": -1.0, "RightUpperArm": 1.0}


def jt_joints() -> dict[str, str]:
    joints = dict(JT_CENTRE)
    for side, sign in (("Left", "Lf"), ("Right", "Rt")):
        joints |= {side + bone: pattern.format(s=sign) for bone, pattern in JT_SIDE.items()}
    return joints


def write_skeleton(path: Path) -> None:
    """Twist joints sit on the elbow and the wrist, as in the real files; fingers have tips."""
    joints = jt_joints()
    above = {"LowerArm": "UpperArmTwist", "Hand": "ForearmTwist"}
    children: dict[str, list[tuple[str, FloatArray]]] = {}
    for bone in joints:
        side = next((side for side in ("Left", "Right") if bone.startswith(side)), "")
        kind = bone.removeprefix(side)
        if kind in ("UpperArmTwist", "ForearmTwist"):
            parent = side + ("UpperArm" if kind == "UpperArmTwist" else "LowerArm")
            end = side + ("LowerArm" if kind == "UpperArmTwist" else "Hand")
            offset = REST_OFFSETS_M[BONE_INDEX[end]]
        elif kind in above:
            parent, offset = side + above[kind], np.zeros(3, np.float32)
        elif kind.endswith("Tip"):
            parent = bone.replace("Tip", "Distal")
            offset = REST_OFFSETS_M[BONE_INDEX[parent]]
        else:
            index = BONE_INDEX[bone]
            parent = list(BONE_INDEX)[PARENTS[index]] if PARENTS[index] >= 0 else ""
            offset = REST_OFFSETS_M[index]
        children.setdefault(parent, []).append((bone, offset))

    def block(bone: str, offset: FloatArray, depth: int) -> list[str]:
        pad = "  " * depth
        lines = [f"{pad}{'joint' if depth else 'root'} {joints[bone]}"]
        lines.append(f"{pad}{{ offset {offset[0]:.6f} {offset[1]:.6f} {offset[2]:.6f}")
        drop = np.degrees(ARM_DROP_RAD) * _ARMS.get(bone, 0.0)
        lines.append(f"{pad}  prerot axis 0 0 1 ang {drop:.6f}")
        lines.append(f"{pad}  channel Quat")
        for child in children.get(bone, []):
            lines += block(*child, depth + 1)
        return [*lines, f"{pad}}}"]

    ((root, offset),) = children[""]
    path.write_text("\n".join(["# test", "set_name test", "skeleton", *block(root, offset, 0)]))


def write_motion(
    path: Path,
    vectors: dict[str, FloatArray],
    *,
    num_frames: int = 12,
    rate_hz: float = 30.0,
    phases: str = "",
) -> None:
    """Constant rotation vectors [3], or [T, 3], by bone; every mapped joint has a channel."""
    joints = jt_joints()
    lines = [f'SkMotion\nname "{path.stem}"\nchannels {3 + len(joints)}']
    lines += [f"JtRoot {axis}Pos" for axis in "XYZ"]
    lines += [f"{joint} Quat" for joint in joints.values()]
    lines += [f"frames {num_frames}", phases]
    for frame in range(num_frames):
        row = [0.0, 0.0, 0.0]
        for bone in joints:
            value = np.atleast_2d(vectors.get(bone, np.zeros(3)))
            row += list(value[min(frame, len(value) - 1)])
        lines.append(f"kt {frame / rate_hz:.6f} fr " + " ".join(f"{x:.6f}" for x in row))
    path.write_text("\n".join(lines))
