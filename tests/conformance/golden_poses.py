"""Asymmetric poses, and what must be seen of them whatever the receiver.

A receiver's test says which of the target's axes are the character's left, up and front, as the
target documents them, and lets the target place the bones. So a mirrored axis anywhere on the way
shows the wrong hand, the wrong eye or the wrong way to look.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from tests.conformance.seen import Seen
from tests.engine_bridge.bridge_frames import Array, make_frame, turn, utterance
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES, forward_kinematics, multiply
from umo_runtime.types import MotionFrame

STANDING_M = (0.0, 0.93, 0.0)
# The face is what every VRM model shows; blendshapes are all 52.
PARTS = frozenset({"body", "head", "eyes", "face", "blendshapes"})


@dataclass(frozen=True)
class Fact:
    """Something that is seen, and the part of a character that a receiver must have to show it."""

    words: str
    part: str
    holds: Callable[[Seen], bool]


@dataclass(frozen=True)
class GoldenPose:
    """A frame, and what must be seen of it."""

    frame: MotionFrame
    facts: tuple[Fact, ...]

    def assert_seen(self, seen: Seen, parts: Collection[str] = PARTS) -> None:
        """Check all facts about the parts of a character that the receiver shows."""
        facts = [fact for fact in self.facts if fact.part in parts]
        missed = [fact.words for fact in facts if not fact.holds(seen)]
        assert facts, f"nothing to be seen of {parts}"
        assert not missed, f"not seen: {'; '.join(missed)}"


def _body(words: str, holds: Callable[[Seen], bool]) -> Fact:
    return Fact(words, "body", holds)


def _blendshape(words: str, name: str, value: float) -> Fact:
    return Fact(words, "blendshapes", lambda it: abs(it.face[name] - value) < 1e-4)


def _is_level(seen: Seen, start: str, end: str) -> bool:
    return bool(abs(seen.step(start, end)[1]) < 0.01)


_LEFT_ARM_UP = (
    _body("its LEFT hand is above its head", lambda it: it.step("Head", "LeftHand")[1] > 0.3),
    _body("that hand is on its left", lambda it: 0.2 < it.places["LeftHand"][0] < 0.4),
    _body("it is not before or behind it", lambda it: abs(it.step("Neck", "LeftHand")[2]) < 0.05),
    _body("its right arm is level", lambda it: _is_level(it, "RightUpperArm", "RightHand")),
    _body("its right hand is on its right", lambda it: it.places["RightHand"][0] < -0.6),
)
_RIGHT_FOREARM_UP = (
    _body(
        "its RIGHT elbow is before its shoulder",
        lambda it: it.step("RightUpperArm", "RightLowerArm")[2] > 0.25,
    ),
    _body(
        "its right hand is above that elbow",
        lambda it: it.step("RightLowerArm", "RightHand")[1] > 0.24,
    ),
    _body(
        "the thumb of that hand is on its left side",
        lambda it: it.step("RightHand", "RightThumbProximal")[0] > 0.02,
    ),
    _body("its left arm is level", lambda it: _is_level(it, "LeftUpperArm", "LeftHand")),
)
_HEAD_RIGHT = (
    Fact("its head looks to its RIGHT", "head", lambda it: -0.7 < it.fronts["Head"][0] < -0.5),
    Fact("its head looks down", "head", lambda it: -0.45 < it.fronts["Head"][1] < -0.25),
    Fact("its head looks forward", "head", lambda it: it.fronts["Head"][2] > 0.6),
    Fact(
        "its left eye is before its right one",
        "head",
        lambda it: it.step("RightEye", "LeftEye")[2] > 0.03,
    ),
    _body("its chest does not turn", lambda it: it.fronts["Chest"][2] > 0.999),
)
_HEAD_TILTED = (
    Fact(
        "its LEFT eye is lower than its right one",
        "head",
        lambda it: it.step("RightEye", "LeftEye")[1] < -0.02,
    ),
    Fact("its head looks forward", "head", lambda it: it.fronts["Head"][2] > 0.999),
    Fact("its eyes are on its left", "head", lambda it: it.step("Head", "RightEye")[0] > -0.01),
)


def _looks_left_and_up(eye: str) -> tuple[Fact, Fact]:
    return (
        Fact(f"its {eye} looks to its LEFT", "eyes", lambda it: 0.2 < it.fronts[eye][0] < 0.3),
        Fact(f"its {eye} looks up", "eyes", lambda it: 0.15 < it.fronts[eye][1] < 0.2),
    )


_EYES_LEFT = (*_looks_left_and_up("LeftEye"), *_looks_left_and_up("RightEye"))
_LEFT_EYE_SHUT = (
    Fact("its LEFT eye is shut", "face", lambda it: it.face["eyeBlinkLeft"] > 0.99),
    Fact("its right eye is open", "face", lambda it: abs(it.face["eyeBlinkRight"]) < 0.01),
    Fact("its mouth is open", "face", lambda it: it.face["jawOpen"] > 0.45),
    _blendshape("its jaw goes to its right", "jawRight", 0.25),
    _blendshape("its jaw does not go to its left", "jawLeft", 0.0),
    _blendshape("its lips go to its LEFT", "mouthLeft", 0.5),
)
_LEFT_INDEX_BENT = (
    _body(
        "the tip of its LEFT index finger is below the knuckle",
        lambda it: it.step("LeftIndexProximal", "LeftIndexDistal")[1] < -0.05,
    ),
    _body(
        "its left middle finger is stretched",
        lambda it: _is_level(it, "LeftMiddleProximal", "LeftMiddleDistal"),
    ),
    _body(
        "its right index finger is stretched",
        lambda it: _is_level(it, "RightIndexProximal", "RightIndexDistal"),
    ),
)
_LEFT_THUMB_DOWN = (
    _body(
        "its LEFT thumb goes down from where it begins",
        lambda it: it.step("LeftThumbProximal", "LeftThumbIntermediate")[1] < -0.02,
    ),
    _body(
        "its right thumb is level",
        lambda it: _is_level(it, "RightThumbProximal", "RightThumbDistal"),
    ),
)
_STEP = (
    _body("its hips are 0.1 m before", lambda it: abs(it.places["Hips"][2] - 0.1) < 1e-3),
    _body("0.05 m to its left", lambda it: abs(it.places["Hips"][0] - 0.05) < 1e-3),
    _body("0.08 m lower", lambda it: abs(it.places["Hips"][1] - 0.85) < 1e-3),
    _body("its head goes with them", lambda it: abs(it.places["Head"][0] - 0.05) < 1e-3),
)
_LEFT_KNEE_UP = (
    _body(
        "its LEFT knee is before its hips",
        lambda it: it.step("LeftUpperLeg", "LeftLowerLeg")[2] > 0.35,
    ),
    _body(
        "its left foot is straight below that knee",
        lambda it: it.step("LeftLowerLeg", "LeftFoot")[1] < -0.38,
    ),
    _body("its right leg stands", lambda it: it.step("RightUpperLeg", "RightFoot")[1] < -0.8),
)
_TURNED_LEFT = (
    _body("it faces to its former LEFT", lambda it: it.fronts["Hips"][0] > 0.8),
    _body("and still a little forward", lambda it: it.fronts["Hips"][2] > 0.4),
    _body("its left hand is behind", lambda it: it.places["LeftHand"][2] < -0.5),
    _body("its right hand is before", lambda it: it.places["RightHand"][2] > 0.5),
)


def _moved(frame: MotionFrame) -> GoldenPose:
    """Every bone and blendshape of a frame is where it should be."""
    places, _ = forward_kinematics(frame.rotations, frame.root_position)

    def stands_right(it: Seen) -> bool:
        seen = np.array([it.places[name] for name in BONES])
        return bool(np.abs(seen - places).max() < 1e-3)

    def looks_right(it: Seen) -> bool:
        seen = np.array([it.face[name] for name in BLENDSHAPES])
        return bool(np.abs(seen - frame.blendshapes).max() < 1e-4)

    body = _body("every bone stands where the motion has it, within a millimetre", stands_right)
    return GoldenPose(frame, (body, Fact("all 52 have their values", "blendshapes", looks_right)))


def _pose(
    facts: tuple[Fact, ...],
    hips_m: tuple[float, float, float] = STANDING_M,
    shapes: dict[str, float] | None = None,
    **bones: Array,
) -> GoldenPose:
    return GoldenPose(make_frame(bones=bones, shapes=shapes, hips_m=hips_m), facts)


def _after(outer: Array, inner: Array) -> Array:
    """The turn `inner`, then `outer`."""
    return multiply(outer.astype(np.float32), inner.astype(np.float32)).astype(np.float64)


_UP_LEFT = _after(turn("y", 15), turn("x", -10))
# Every axis is turned about by something, and nothing is symmetric.
POSES: Mapping[str, GoldenPose] = {
    "left arm up": _pose(_LEFT_ARM_UP, LeftUpperArm=turn("z", 75)),
    "right forearm up": _pose(
        _RIGHT_FOREARM_UP, RightUpperArm=turn("y", 80), RightLowerArm=turn("z", -85)
    ),
    "head turned right, nodding": _pose(_HEAD_RIGHT, Head=_after(turn("y", -40), turn("x", 20))),
    "head tilted to its left": _pose(_HEAD_TILTED, Head=turn("z", -25)),
    "eyes to the left and up": _pose(_EYES_LEFT, LeftEye=_UP_LEFT, RightEye=_UP_LEFT),
    "left eye shut": _pose(
        _LEFT_EYE_SHUT,
        shapes={"eyeBlinkLeft": 1.0, "jawOpen": 0.5, "jawRight": 0.25, "mouthLeft": 0.5},
    ),
    "left index finger bent": _pose(
        _LEFT_INDEX_BENT, LeftIndexProximal=turn("z", -70), LeftIndexIntermediate=turn("z", -70)
    ),
    "left thumb down": _pose(_LEFT_THUMB_DOWN, LeftThumbProximal=turn("z", -70)),
    "left knee up": _pose(_LEFT_KNEE_UP, LeftUpperLeg=turn("x", -80), LeftLowerLeg=turn("x", 80)),
    "a step": _pose(_STEP, (0.05, 0.85, 0.1)),
    "turned to its left": _pose(_TURNED_LEFT, Hips=turn("y", 60)),
    "everything moves": _moved(utterance(8)[-1]),
}


def poses_of(parts: Collection[str]) -> list[str]:
    """Names of the poses that say something about parts of a character."""
    return [name for name, pose in POSES.items() if {f.part for f in pose.facts} & set(parts)]
