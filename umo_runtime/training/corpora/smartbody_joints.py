"""Which SmartBody joint each humanoid bone follows, for the two naming families of the corpus."""

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.smartbody_sk import SmartbodySkeleton

FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")
SEGMENTS = ("Proximal", "Intermediate", "Distal", "Tip")

# Humanoid bone, finger tip or twist joint -> joint name; {s} is the side.
JT_CENTRE = {
    "Hips": "JtRoot",
    "Spine": "JtSpineA",
    "Chest": "JtSpineB",
    "UpperChest": "JtSpineC",
    "Neck": "JtNeckA",
    "Head": "JtSkullA",
}
JT_SIDE = {
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
    for finger in FINGERS
    for segment, letter in zip(SEGMENTS, "ABCD", strict=True)
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
    for finger in FINGERS
    for number, segment in enumerate(SEGMENTS, start=1)
}


def joint_map(skeleton: SmartbodySkeleton) -> dict[str, str]:
    """Which joint each humanoid bone follows.

    Raises:
        CorpusError: the skeleton is not one of the two known naming families.
    """
    names = set(skeleton.names)
    for centre, side, signs in (
        (JT_CENTRE, JT_SIDE, ("Lf", "Rt")),
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
