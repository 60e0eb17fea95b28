"""What a body is measured against: real motion that nobody trained on, and four ways to fake it.

Real motion has no speech. A baseline performs speech as a model does: (utterance, rng) to
performance. Only the choreographer hears the speech: it teaches the bundled model and is the one to
match; retrieval and a mean pose are the ones to leave behind.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import multiply, rotate
from umo_runtime.training.corpora.choreographer import Choreographer
from umo_runtime.training.corpora.gestures import MEANINGS
from umo_runtime.training.corpora.idle import collect_idles
from umo_runtime.training.corpora.mirror import mirror_clip
from umo_runtime.training.corpora.rotations import about_y, continuous, normalize, slerp, yaw_of
from umo_runtime.training.corpora.smartbody import is_test_clip
from umo_runtime.training.corpora.utterance import MotionClip, Utterance
from umo_runtime.types import FRAME_RATE_HZ, FloatArray

Baseline = Callable[[Utterance, np.random.Generator], Performance]

CROSS_FADE_FRAMES = 8
_KINDS = frozenset(kind for kinds in MEANINGS.values() for kind in kinds)
_HAND_AND_NUMBER = re.compile(r"(Lf|Rt|Bt|Both)?\d*$")


def is_gesture(clip: MotionClip) -> bool:
    """Whether a clip is of a kind that speakers make, by its name: `Idle01_BeatLowLf02` is."""
    return _HAND_AND_NUMBER.sub("", clip.name.partition("_")[2]) in _KINDS


def is_conversational(clip: MotionClip) -> bool:
    """Whether a clip is a speaker's gesture or one of the choreographer's idles."""
    return is_gesture(clip) or bool(collect_idles([clip]))


def held_out_motion(clips: Iterable[MotionClip]) -> list[Performance]:
    """Real conversational motion among the held-out clips, and its mirror images.

    Hands are mirrored in training, so the reference must not prefer one either.

    Raises:
        CorpusError: none is held out.
    """
    held = [clip for clip in clips if is_test_clip(clip.name) and is_conversational(clip)]
    if not held:
        raise CorpusError("no held-out gesture clips; expected some, give the SmartBody archive")
    return real_motion(held)


def real_motion(clips: Iterable[MotionClip]) -> list[Performance]:
    """Clips and their mirror images as performances without speech."""
    return [
        _silent(version.rotations, version.root_position)
        for clip in clips
        for version in (clip, mirror_clip(clip))
    ]


def choreographed(clips: Sequence[MotionClip]) -> Baseline:
    """The choreographer with training clips."""
    choreographer = Choreographer(_training(clips))

    def perform(utterance: Utterance, rng: np.random.Generator) -> Performance:
        motion = choreographer.perform(utterance, num_frames(len(utterance.samples)), rng)
        return _with_speech(motion.rotations, motion.root_position, utterance)

    return perform


def retrieved(clips: Sequence[MotionClip], gestures_only: bool = False) -> Baseline:
    """Training clips drawn uniformly, one after another with short cross-fades.

    One in two is mirrored. Each goes on where the last one stood and faced.

    Args:
        clips: the motion library.
        gestures_only: draw conversational gestures alone rather than any motion.
    """
    library = [clip for clip in _training(clips) if is_gesture(clip) or not gestures_only]

    def perform(utterance: Utterance, rng: np.random.Generator) -> Performance:
        frames = num_frames(len(utterance.samples))
        rotations, root_position = _draw(library, rng)
        while len(rotations) < frames:
            rotations, root_position = _append(rotations, root_position, *_draw(library, rng))
        rotations, root_position = rotations[:frames], root_position[:frames]
        return _with_speech(continuous(rotations), root_position, utterance)

    return perform


def still(clips: Sequence[MotionClip]) -> Baseline:
    """The mean pose of the conversational training clips, held."""
    spoken = [clip for clip in _training(clips) if is_conversational(clip)]
    rotations = np.concatenate([clip.rotations for clip in spoken])
    near = rotations * np.where((rotations * rotations[:1]).sum(-1, keepdims=True) < 0, -1, 1)
    pose = normalize(near.mean(axis=0, dtype=np.float64).astype(np.float32))
    hips = np.concatenate([clip.root_position for clip in spoken]).mean(axis=0)

    def perform(utterance: Utterance, _: np.random.Generator) -> Performance:
        frames = num_frames(len(utterance.samples))
        return _with_speech(np.tile(pose, (frames, 1, 1)), np.tile(hips, (frames, 1)), utterance)

    return perform


def _training(clips: Sequence[MotionClip]) -> list[MotionClip]:
    return [clip for clip in clips if not is_test_clip(clip.name)]


def _draw(library: Sequence[MotionClip], rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    clip = library[int(rng.integers(len(library)))]
    clip = mirror_clip(clip) if rng.random() < 0.5 else clip
    return clip.rotations, clip.root_position


def _append(
    rotations: FloatArray,
    position: FloatArray,
    next_rotations: FloatArray,
    next_position: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Set the second clip down where the first ends, and fade over."""
    fade = min(CROSS_FADE_FRAMES, len(rotations), len(next_rotations))
    ahead = np.array([0, 0, 1], np.float32)
    heading = [yaw_of(rotate(turn[0], ahead)) for turn in (rotations[-fade], next_rotations[0])]
    turn = about_y(heading[0] - heading[1])
    placed = next_rotations.copy()
    placed[:, 0] = multiply(np.broadcast_to(turn, placed[:, 0].shape), placed[:, 0])
    there = (position[-fade] - rotate(turn, next_position[0])) * np.array([1, 0, 1], np.float32)
    moved = rotate(turn, next_position) + there
    phase = np.linspace(0, 1, fade + 2, dtype=np.float32)[1:-1, None]
    mixed = slerp(rotations[-fade:], placed[:fade], phase)
    between = position[-fade:] * (1 - phase) + moved[:fade] * phase
    return (
        np.concatenate((rotations[:-fade], mixed, placed[fade:])),
        np.concatenate((position[:-fade], between, moved[fade:])).astype(np.float32),
    )


def _silent(rotations: FloatArray, root_position: FloatArray) -> Performance:
    face = np.zeros((len(rotations), NUM_BLENDSHAPES), np.float32)
    return Performance(FRAME_RATE_HZ, rotations, root_position, face, np.zeros(0, np.float32))


def _with_speech(
    rotations: FloatArray, root_position: FloatArray, utterance: Utterance
) -> Performance:
    face = np.zeros((len(rotations), NUM_BLENDSHAPES), np.float32)
    return Performance(FRAME_RATE_HZ, rotations, root_position, face, utterance.samples)
