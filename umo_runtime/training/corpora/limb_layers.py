"""Blends strokes over the idle, limb by limb, each from wherever the limb is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.skeleton import BONE_INDEX, BONES, FloatArray, multiply
from umo_runtime.training.corpora.accent_plan import Stroke
from umo_runtime.training.corpora.min_jerk import PEAK_SPEED, min_jerk
from umo_runtime.training.corpora.rotations import (
    conjugate,
    from_rotation_vector,
    normalize,
    slerp,
    to_rotation_vector,
)
from umo_runtime.training.corpora.speech_clock import SpeechClock
from umo_runtime.types import FRAME_RATE_HZ

_SPINE = ("Spine", "Chest", "UpperChest", "Neck", "Head")
_ARM = ("Shoulder", "UpperArm", "LowerArm", "Hand", "Thumb", "Index", "Middle", "Ring", "Little")
_REACHING = [BONE_INDEX[f"{side}UpperArm"] for side in ("Left", "Right")]
_PREPARATION_RANGE_S = (0.34, 0.75)
_BLEND_SPEED_RAD_S = 6.5  # peak of the largest joint's blend; faster looks thrown
_OVERLAP = 0.45  # share of strokeStart..emphasis that still belongs to the blend
_HOLD_SLACK_S = 0.08  # clip time it takes the stroke to come to rest
_SPINE_SHARE = 0.7  # of the recorded spine motion: it was acted for a stage
_RETRACT_AFTER_S, _RETRACT_S = 0.6, 1.8  # in long pauses: wait, then sink
_UNUSED_AFTER_S, _SINK_S = 1.0, 1.3  # a hand without a stroke for this long sinks as others go on


@dataclass(frozen=True, slots=True)
class Limb:
    """Bones that are blended together; `hand` is empty for the spine."""

    hand: str
    bones: tuple[int, ...]

    @property
    def columns(self) -> "slice | np.ndarray":
        """Index of the bones in a pose."""
        return np.array(self.bones)


def _arm(side: str) -> Limb:
    names = [bone for bone in BONES if bone.removeprefix(side).startswith(_ARM) and side in bone]
    return Limb(side, tuple(BONE_INDEX[bone] for bone in names))


LIMBS: tuple[Limb, ...] = (
    Limb("", tuple(BONE_INDEX[bone] for bone in _SPINE)),
    _arm("Left"),
    _arm("Right"),
)


def blend_strokes(
    rotations: FloatArray, limb: Limb, strokes: Sequence[Stroke], clock: SpeechClock
) -> FloatArray:
    """Lay strokes and retractions over one limb, in place, in order of time.

    Args:
        rotations: the idle, [T, 55, 4].
        limb: which bones.
        strokes: those that use the limb.
        clock: the utterance's speech clock.

    Returns:
        How much the limb is gesturing rather than idle, [T] in 0..1.
    """
    raised = np.zeros(len(rotations), np.float32)
    idle = rotations[:, limb.columns]
    track = idle.copy()
    for index, stroke in enumerate(strokes):
        after_s = strokes[index + 1].speech_s if index + 1 < len(strokes) else np.inf
        start, weight = _weight(track, idle, limb, stroke, clock)
        stop = max(start, _overlaid(after_s, clock))
        span, weight = slice(start, stop), weight[: stop - start]
        pose = _stroke_pose(idle[span], limb, stroke, clock.elapsed_s[span])
        track[span] = slerp(track[span], pose, weight[:, None])
        raised[span] += weight * (1 - raised[span])
        sunk = _sinking(stroke, after_s, clock)[:stop]
        begin = int(np.argmax(sunk > 0)) if sunk.any() else stop
        track[begin:stop] = slerp(track[begin:stop], idle[begin:stop], sunk[begin:, None])
        raised[begin:stop] *= 1 - sunk[begin:]
    rotations[:, limb.columns] = track
    return raised


def _overlaid(next_s: float, clock: SpeechClock) -> int:
    """First frame of which nothing is left to see once a stroke at speech time `next_s` is laid."""
    done_s = max(next_s, 0) + _PREPARATION_RANGE_S[0]
    return int(np.searchsorted(clock.elapsed_s, done_s))


def _sinking(stroke: Stroke, after_s: float, clock: SpeechClock) -> FloatArray:
    """How far the limb has sunk back to the idle, [T] in 0..1 from after the stroke on.

    Args:
        stroke: the last stroke of the limb.
        after_s: speech time of its next one.
        clock: long pauses sink in real time, disuse during speech on the speech clock.
    """
    frames = np.arange(len(clock.elapsed_s))
    sunk = np.zeros(len(frames), np.float32)
    if after_s - stroke.speech_s > _UNUSED_AFTER_S + _SINK_S:
        since_s = clock.elapsed_s - stroke.speech_s - _UNUSED_AFTER_S
        sunk = min_jerk(since_s / np.float32(_SINK_S))
    hit = round(stroke.accent_s * FRAME_RATE_HZ)
    for first, _ in clock.long_pauses:
        if first >= hit and clock.elapsed_s[first] < after_s:
            since = (frames - first) / FRAME_RATE_HZ - _RETRACT_AFTER_S
            return np.maximum(sunk, min_jerk((since / _RETRACT_S).astype(np.float32)))
    return sunk


def _weight(
    track: FloatArray, idle: FloatArray, limb: Limb, stroke: Stroke, clock: SpeechClock
) -> tuple[int, FloatArray]:
    """First frame of a stroke's preparation and its blend weight [T - first] from there on."""
    gesture, speed = stroke.gesture, stroke.speed
    approach_s = (gesture.phase_s("emphasis") - gesture.phase_s("strokeStart")) / speed
    end_s = stroke.speech_s - (1 - _OVERLAP) * approach_s
    guess = int(np.searchsorted(clock.elapsed_s, end_s - 0.5).clip(0, len(track) - 1))
    goal = _stroke_pose(idle[guess : guess + 1], limb, stroke, np.array([end_s], np.float32))
    apart = np.linalg.norm(
        to_rotation_vector(multiply(conjugate(track[guess : guess + 1]), goal)), axis=-1
    ).max()
    needed_s = float(apart) * PEAK_SPEED / _BLEND_SPEED_RAD_S
    duration_s = float(np.clip(needed_s, *_PREPARATION_RANGE_S)) / stroke.manner.tempo
    start_s = max(0.0, end_s - duration_s)
    end_s = max(end_s, start_s + _PREPARATION_RANGE_S[0])
    first = int(np.searchsorted(clock.elapsed_s, start_s).clip(0, len(track) - 1))
    phase = (clock.elapsed_s[first:] - start_s) / (end_s - start_s)
    return first, min_jerk(phase.astype(np.float32))


def _stroke_pose(idle: FloatArray, limb: Limb, stroke: Stroke, speech_s: FloatArray) -> FloatArray:
    """What the stroke wants of the limb [T, B, 4] at speech times [T], held after it ends."""
    gesture = stroke.gesture
    hit, end = gesture.phase_s("emphasis"), gesture.phase_s("stroke")
    time = hit + (speech_s - stroke.speech_s) * stroke.speed
    over = np.maximum(time - end, 0)
    time = np.minimum(time, end) + _HOLD_SLACK_S * np.tanh(over / _HOLD_SLACK_S)
    clip = gesture.clip.rotations[:, limb.columns]
    pose = _sample(clip, time * FRAME_RATE_HZ)
    size = stroke.manner.size
    if limb.hand:
        return pose if size == 1 else slerp(idle, pose, _share_of(limb, size))
    # The spine's motion is added to the idle's: postures differ from clip to clip.
    moved = to_rotation_vector(multiply(conjugate(clip[:1]), pose)) * np.float32(
        _SPINE_SHARE * size
    )
    return multiply(idle, from_rotation_vector(moved))


def _share_of(limb: Limb, size: float) -> FloatArray:
    """How far each bone goes from the idle to the clip's pose, [B], for a stroke of some size.

    Larger strokes go beyond the clip, but only at the shoulder: a further bent elbow would bring
    the hand to the body.
    """
    is_high = np.isin(limb.bones, _REACHING)
    return np.where(is_high, size, min(size, 1.0)).astype(np.float32)


def _sample(frames: FloatArray, position: FloatArray) -> FloatArray:
    """Poses [T, B, 4] at fractional frame numbers [T], clamped to the clip."""
    position = position.clip(0, len(frames) - 1)
    low = np.floor(position).astype(int).clip(0, max(0, len(frames) - 2))
    high = np.minimum(low + 1, len(frames) - 1)
    phase = (position - low).astype(np.float32)[:, None, None]
    return normalize(frames[low] * (1 - phase) + frames[high] * phase)
