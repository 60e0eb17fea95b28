"""From a SmartBody skeleton's joints to the 55 normalised humanoid bones.

For each bone, global normalised rotation = joint global x (joint global at rest)^-1 x alignment,
where the alignment is the turn that takes our T-pose bone to the file's rest pose (an A-pose or a
T-pose). Alignments are found from rest positions with the same geometric construction on both
skeletons: a limb's direction, and the elbow hinge or the back of the hand.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    NUM_BONES,
    PARENTS,
    REST_OFFSETS_M,
    forward_kinematics,
    multiply,
    rotate,
)
from umo_runtime.training.corpora.rotations import (
    about_y,
    aim,
    conjugate,
    normalize,
    slerp,
    yaw_of,
)
from umo_runtime.training.corpora.smartbody_joints import FINGERS, SEGMENTS, joint_map
from umo_runtime.training.corpora.smartbody_sk import SmartbodySkeleton
from umo_runtime.training.corpora.smartbody_skm import SmartbodyMotion
from umo_runtime.training.corpora.utterance import FloatArray

_UP = np.array([0, 1, 0], np.float32)
_FORWARD = np.array([0, 0, 1], np.float32)
_MIN_BEND_SINE = 0.1  # a straighter rest elbow does not show its hinge; then the hinge is upright


def alignments(rest_m: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The turn [4] from our T-pose to a rest pose, per bone that differs.

    Args:
        rest_m: rest positions [3] of bones and finger tips.
    """
    ours = _frames(_our_rest())
    theirs = _frames(rest_m)
    return {bone: multiply(theirs[bone], conjugate(ours[bone])) for bone in theirs}


@dataclass(frozen=True, slots=True)
class _Rest:
    """What converting needs of a skeleton, the same for all its clips."""

    joints: dict[str, str]
    at: dict[str, FloatArray]
    turns: dict[str, FloatArray]
    aligned: dict[str, FloatArray]


@cache
def _rest_of(skeleton: SmartbodySkeleton) -> _Rest:
    joints = joint_map(skeleton)
    at, turns = skeleton.place({}, {})
    rest = {bone: at[joint][0] for bone, joint in joints.items()}
    turned = {bone: turns[joint] for bone, joint in joints.items()}
    return _Rest(joints, rest, turned, alignments(rest))


@cache
def _our_rest() -> dict[str, FloatArray]:
    """Rest positions of our T-pose, with finger tips set on straight."""
    positions, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    rest = {bone: positions[index] for bone, index in BONE_INDEX.items()}
    for side in ("Left", "Right"):
        for finger in FINGERS:
            distal = f"{side}{finger}Distal"
            rest[f"{side}{finger}Tip"] = rest[distal] + REST_OFFSETS_M[BONE_INDEX[distal]]
    return rest


def _frames(rest: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """A frame [4] per limb bone, built from rest positions alone."""
    frames: dict[str, FloatArray] = {}
    for side, sign in (("Left", 1), ("Right", -1)):
        joint = {name.removeprefix(side): at for name, at in rest.items() if name.startswith(side)}
        upper = normalize(joint["LowerArm"] - joint["UpperArm"])
        lower = normalize(joint["Hand"] - joint["LowerArm"])
        hinge = -sign * np.cross(upper, lower)
        if np.linalg.norm(hinge) < _MIN_BEND_SINE:
            hinge = _UP
        palm = joint["MiddleProximal"] - joint["Hand"]
        back = sign * np.cross(joint["IndexProximal"] - joint["LittleProximal"], palm)
        # Half of the forearm's twist is the lower arm's, half the hand's, as on game characters.
        lower_frame = slerp(aim(lower, hinge), aim(lower, back), 0.5)
        frames |= {
            f"{side}UpperArm": aim(upper, hinge),
            f"{side}LowerArm": lower_frame,
            f"{side}Hand": aim(palm, back),
            f"{side}UpperLeg": aim(joint["LowerLeg"] - joint["UpperLeg"], _FORWARD),
            f"{side}LowerLeg": aim(joint["Foot"] - joint["LowerLeg"], _FORWARD),
        }
        heading = about_y(float(yaw_of(joint["Toes"] - joint["Foot"])))
        frames |= {f"{side}Foot": heading, f"{side}Toes": heading}
        for finger in FINGERS:
            for segment, after in pairwise(SEGMENTS):
                along = joint[f"{finger}{after}"] - joint[f"{finger}{segment}"]
                frames[f"{side}{finger}{segment}"] = aim(along, back)
    return frames


def to_humanoid(
    skeleton: SmartbodySkeleton, motion: SmartbodyMotion
) -> tuple[FloatArray, FloatArray]:
    """Convert a clip.

    Args:
        skeleton: the clip's own skeleton.
        motion: the clip.

    Returns:
        Parent-local rotations [T, 55, 4] and hips positions [T, 3] in metres: limbs point where the
        file's do, and lengths are scaled by our leg over theirs so that feet reach the same floor.
    """
    rest = _rest_of(skeleton)
    at, turn = skeleton.place(motion.rotations, motion.shifts, motion.num_frames)
    moved = {
        bone: multiply(turn[joint], conjugate(rest.turns[bone]))
        for bone, joint in rest.joints.items()
    }
    for side in ("Left", "Right"):
        moved[f"{side}UpperArm"] = moved[f"{side}UpperArmTwist"]
        half = slerp(moved[f"{side}LowerArm"], moved[f"{side}ForearmTwist"], 0.5)
        moved[f"{side}LowerArm"] = half
    local = _parent_local(moved, rest.aligned, motion.num_frames)
    sockets = np.stack([at[rest.joints[f"{side}UpperLeg"]] for side in ("Left", "Right")])
    return local, _hips_position(rest.at, sockets.mean(axis=0), local[:, 0])


def _parent_local(
    moved: dict[str, FloatArray], aligned: dict[str, FloatArray], num_frames: int
) -> FloatArray:
    """Bones' turns from rest [T, 4] to normalised rotations against their parents [T, 55, 4]."""
    turns = np.empty((num_frames, NUM_BONES, 4), np.float32)
    local = np.empty_like(turns)
    for bone, index in BONE_INDEX.items():
        parent = PARENTS[index]
        if bone in moved:
            turns[:, index] = multiply(moved[bone], aligned.get(bone, IDENTITY_ROTATIONS[0]))
        else:  # jaw and eyes: the face is not taken from these clips
            turns[:, index] = turns[:, parent]
        above = turns[:, parent] if parent >= 0 else IDENTITY_ROTATIONS[:1]
        local[:, index] = multiply(conjugate(above), turns[:, index])
    return normalize(local)


def _leg_length(rest: dict[str, FloatArray]) -> float:
    """Hip to ankle along the left leg."""
    hip, knee, ankle = (rest[f"Left{bone}"] for bone in ("UpperLeg", "LowerLeg", "Foot"))
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))


def _hips_position(
    rest: dict[str, FloatArray], middle: FloatArray, hips_turn: FloatArray
) -> FloatArray:
    """Our hips [T, 3] such that the middle between the legs is where theirs is over the floor."""
    ours = _our_rest()
    scale = _leg_length(ours) / _leg_length(rest)
    above_ankle = scale * (middle - rest["LeftFoot"][1] * _UP)
    socket = REST_OFFSETS_M[BONE_INDEX["LeftUpperLeg"]] * np.array([0, 1, 1], np.float32)
    lowered = rotate(hips_turn, np.broadcast_to(socket, middle.shape))
    return np.asarray(above_ankle + ours["LeftFoot"][1] * _UP - lowered, np.float32)
