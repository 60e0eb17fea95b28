"""From a SmartBody skeleton's joints to the 55 normalised humanoid bones.

For each bone, global normalised rotation = joint global x (joint global at rest)^-1 x alignment, where
the alignment is the turn that takes our T-pose bone to the file's rest pose (an A-pose for the `Jt..`
skeletons, a T-pose for the older ones). Alignments are found from rest positions with the same
geometric construction on both skeletons: a limb's direction, and the elbow hinge or the back of the hand.
"""

import numpy as np

from umo_runtime.errors import CorpusError
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
from umo_runtime.training.corpora.smartbody_sk import SmartbodySkeleton
from umo_runtime.training.corpora.smartbody_skm import SmartbodyMotion
from umo_runtime.training.corpora.utterance import FloatArray

_UP = np.array([0, 1, 0], np.float32)
_FORWARD = np.array([0, 0, 1], np.float32)
_MIN_BEND_SINE = 0.1  # a straighter rest elbow does not show its hinge; then the hinge is upright
_FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")
_SEGMENTS = ("Proximal", "Intermediate", "Distal", "Tip")

# Humanoid bone, finger tip or twist joint -> joint name; {s} is the side.
_JT_CENTRE = {
    "Hips": "JtRoot",
    "Spine": "JtSpineA",
    "Chest": "JtSpineB",
    "UpperChest": "JtSpineC",
    "Neck": "JtNeckA",
    "Head": "JtSkullA",
}
_JT_SIDE = {
    "Shoulder": "JtClavicle{s}",
    "UpperArm": "JtShoulder{s}",
    "UpperArmTwist": "JtUpperArmTwistB{s}",
    "LowerArm": "JtElbow{s}",
    "ForearmTwist": "JtForearmTwistB{s}",
    "Hand": "JtWrist{s}",
    "UpperLeg": "JtHip{s}",
    "LowerLeg": "JtKnee{s}",
    "Foot": "JtAnkle{s}",
    "Toes": "JtBall{s}",
} | {
    f"{finger}{segment}": f"Jt{finger}{letter}{{s}}"
    for finger in _FINGERS
    for segment, letter in zip(_SEGMENTS, "ABCD", strict=True)
}
_OLD_CENTRE = {
    "Hips": "base",
    "Spine": "spine1",
    "Chest": "spine2",
    "UpperChest": "spine3",
    "Neck": "spine4",
    "Head": "skullbase",
}
_OLD_SIDE = {
    "Shoulder": "{s}_acromioclavicular",
    "UpperArm": "{s}_shoulder",
    "UpperArmTwist": "{s}_shoulder",
    "LowerArm": "{s}_elbow",
    "ForearmTwist": "{s}_forearm",
    "Hand": "{s}_wrist",
    "UpperLeg": "{s}_hip",
    "LowerLeg": "{s}_knee",
    "Foot": "{s}_ankle",
    "Toes": "{s}_forefoot",
} | {
    f"{finger}{segment}": f"{{s}}_{'pinky' if finger == 'Little' else finger.lower()}{number}"
    for finger in _FINGERS
    for number, segment in enumerate(_SEGMENTS, start=1)
}


def joint_map(skeleton: SmartbodySkeleton) -> dict[str, str]:
    """Which joint each humanoid bone follows.

    Raises:
        CorpusError: the skeleton is not one of the two known naming families.
    """
    names = set(skeleton.names)
    for centre, side, signs in (
        (_JT_CENTRE, _JT_SIDE, ("Lf", "Rt")),
        (_OLD_CENTRE, _OLD_SIDE, ("l", "r")),
    ):
        joints = dict(centre)
        for bone, pattern in side.items():
            joints[f"Left{bone}"] = pattern.format(s=signs[0])
            joints[f"Right{bone}"] = pattern.format(s=signs[1])
        if names.issuperset(joints.values()):
            return joints
    raise CorpusError(
        f"skeleton {skeleton.name}: expected joints named JtRoot.. or base..; no humanoid found"
    )


def alignments(rest_m: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The turn [4] from our T-pose to a rest pose, per bone that differs; the others are the identity.

    Args:
        rest_m: rest positions [3] of bones and finger tips.
    """
    ours = _frames(_our_rest())
    theirs = _frames(rest_m)
    return {bone: multiply(theirs[bone], conjugate(ours[bone])) for bone in theirs}


def _our_rest() -> dict[str, FloatArray]:
    """Rest positions of our T-pose, with finger tips set on straight."""
    positions, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    rest = {bone: positions[index] for bone, index in BONE_INDEX.items()}
    for side in ("Left", "Right"):
        for finger in _FINGERS:
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
        for finger in _FINGERS:
            for segment, after in zip(_SEGMENTS[:3], _SEGMENTS[1:], strict=True):
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
    joints = joint_map(skeleton)
    rest_at, rest_turn = skeleton.place({}, {})
    at, turn = skeleton.place(motion.rotations, motion.shifts, motion.num_frames)
    aligned = alignments({bone: rest_at[joint][0] for bone, joint in joints.items()})
    delta = {
        bone: multiply(turn[joint], conjugate(rest_turn[joint])) for bone, joint in joints.items()
    }
    for side in ("Left", "Right"):
        delta[f"{side}UpperArm"] = delta[f"{side}UpperArmTwist"]
        half = slerp(delta[f"{side}LowerArm"], delta[f"{side}ForearmTwist"], 0.5)
        delta[f"{side}LowerArm"] = half
    turns = np.empty((motion.num_frames, NUM_BONES, 4), np.float32)
    local = np.empty_like(turns)
    for bone, index in BONE_INDEX.items():
        parent = PARENTS[index]
        if bone in delta:
            turns[:, index] = multiply(delta[bone], aligned.get(bone, IDENTITY_ROTATIONS[0]))
        else:
            turns[:, index] = turns[:, parent]
        above = turns[:, parent] if parent >= 0 else IDENTITY_ROTATIONS[:1]
        local[:, index] = multiply(conjugate(above), turns[:, index])
    local = normalize(local)
    rest = {bone: rest_at[joint][0] for bone, joint in joints.items()}
    moved = {bone: at[joints[bone]] for bone in ("LeftUpperLeg", "RightUpperLeg")}
    return local, _hips_position(rest, moved, local[:, 0])


def _leg_length(rest: dict[str, FloatArray]) -> float:
    """Hip to ankle along the left leg."""
    hip, knee, ankle = (rest[f"Left{bone}"] for bone in ("UpperLeg", "LowerLeg", "Foot"))
    return float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))


def _hips_position(
    rest: dict[str, FloatArray], moved: dict[str, FloatArray], hips_turn: FloatArray
) -> FloatArray:
    """Our hips [T, 3] such that the middle of the hip joints is where theirs is, over the ankles' floor."""
    ours = _our_rest()
    scale = _leg_length(ours) / _leg_length(rest)
    middle = (moved["LeftUpperLeg"] + moved["RightUpperLeg"]) / 2
    above_ankle = scale * (middle - rest["LeftFoot"][1] * _UP)
    socket = REST_OFFSETS_M[BONE_INDEX["LeftUpperLeg"]] * np.array([0, 1, 1], np.float32)
    socket = np.broadcast_to(socket, middle.shape)
    hips = above_ankle + ours["LeftFoot"][1] * _UP - rotate(hips_turn, socket)
    return np.asarray(hips, np.float32)
