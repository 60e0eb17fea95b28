"""The gestures a choreographer can use: conversational clips, sorted by meaning, size and hand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, forward_kinematics
from umo_runtime.training.corpora.mirror import mirror_clip
from umo_runtime.training.corpora.utterance import FloatArray, MotionClip
from umo_runtime.types import FRAME_RATE_HZ

_NAME = re.compile(r"^(?:Idle(?:Stand)?\d\d_)(?P<kind>[A-Za-z]+?)(?:Lf|Rt|Bt|Both)?\d*$")
_TWO_HANDED_SHARE = 0.4  # the quieter hand travels at least this share of the busier one's way
_MIN_TRAVEL_M = 0.15  # smaller movements are shifts of posture
_MAX_STROKE_S = 1.6  # stroke start to its end; longer ones are little scenes

# What a clip says. Other kinds (scratching, stretching, walking ...) are not used in speech.
MEANINGS: dict[str, tuple[str, ...]] = {
    "beat_low": ("BeatLow",),
    "beat_mid": ("BeatMid", "BeatFlip", "BeatFistMid", "BeatPointMid", "EmptyMedium", "Besides"),
    "beat_high": ("BeatHigh", "BeatForward", "Chop", "EmptyLarge"),
    "offer": ("Offer", "Receive", "Example", "However", "Frame", "When"),
    "you": ("You", "YouForward", "YouPoint"),
    "me": ("Me",),
    "we": ("We", "Surround"),
    "no": ("Negative", "NegateForwardLow", "NegateForwardMid", "NoForward", "InclusivityNeg"),
    "all": ("InclusivityPos", "Surround", "EmptyLarge", "Safe"),
    "think": ("Contemplate", "Think", "Receive"),
    "here": ("Here",),
    "left": ("IndicateLeft", "DeicticLeft", "YouLeft"),
    "right": ("IndicateRight", "DeicticRight", "YouRight"),
    "count": ("Point", "Example", "Chop"),
    "question": ("Offer", "Receive", "Shrug", "Plea"),
    "maybe": ("Shrug", "Receive"),
    "plea": ("Plea", "Offer"),
    "stop": ("StopForward", "Stop", "NegateForwardMid"),
}
_OTHER_WAY = {"left": "right", "right": "left"}
_OTHER_HAND = {"Left": "Right", "Right": "Left"}


@dataclass(frozen=True, slots=True)
class Gesture:
    """A clip that can be put on an accent.

    Attributes:
        clip: the motion, perhaps mirrored.
        kind: what the clip's name calls it.
        meanings: keys of MEANINGS.
        hands: `("Left",)`, `("Right",)` or both: those that take part.
        is_mirrored: whether left and right were exchanged.
    """

    clip: MotionClip
    kind: str
    meanings: frozenset[str]
    hands: tuple[str, ...]
    is_mirrored: bool

    def phase_s(self, name: str) -> float:
        """A phase time of the clip."""
        return self.clip.phases[name]


def collect_gestures(clips: Iterable[MotionClip]) -> list[Gesture]:
    """Every usable gesture clip and its mirror image."""
    gestures = []
    for clip in clips:
        match = _NAME.match(clip.name)
        kind = match["kind"] if match else ""
        meanings = frozenset(name for name, kinds in MEANINGS.items() if kind in kinds)
        if not meanings or not clip.phases or not _is_stroke(clip):
            continue
        hands = _busy_hands(clip)
        if hands:
            turned = frozenset(_OTHER_WAY.get(meaning, meaning) for meaning in meanings)
            other = tuple(hand for hand in ("Left", "Right") if _OTHER_HAND[hand] in hands)
            gestures.append(Gesture(clip, kind, meanings, hands, False))
            gestures.append(Gesture(mirror_clip(clip), kind, turned, other, True))
    return gestures


def wrist_speeds(rotations: FloatArray, root_position: FloatArray) -> FloatArray:
    """Speed of the left and right wrist in the world, [T, 2] m/s (0 in the first frame)."""
    positions, _ = forward_kinematics(rotations, root_position)
    wrists = positions[:, [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]]
    steps = np.linalg.norm(np.diff(wrists, axis=0, prepend=wrists[:1]), axis=-1)
    return np.asarray(steps * FRAME_RATE_HZ, np.float32)


def _is_stroke(clip: MotionClip) -> bool:
    start, hit, end = (clip.phases[name] for name in ("strokeStart", "emphasis", "stroke"))
    return start < hit <= end and end - start <= _MAX_STROKE_S


def _busy_hands(clip: MotionClip) -> tuple[str, ...]:
    """Which hands travel in the clip."""
    travel = wrist_speeds(clip.rotations, clip.root_position).sum(axis=0) / FRAME_RATE_HZ
    if travel.max() < _MIN_TRAVEL_M:
        return ()
    share = _TWO_HANDED_SHARE * travel.max()
    return tuple(hand for hand, way in zip(("Left", "Right"), travel, strict=True) if way >= share)


def of_meaning(gestures: Sequence[Gesture], meaning: str) -> list[Gesture]:
    """Those that say `meaning`."""
    return [gesture for gesture in gestures if meaning in gesture.meanings]
