"""The face that goes with an utterance, made by rule: what is learnt where nobody was filmed.

Mouth from the phone times (`articulation`), brows from the accents, blinks and gaze from published
statistics. Without phones the mouth's channels stay zero: train with MOUTH_CHANNELS masked then. A
listener keeps its mouth shut, looks at the speaker and raises its brows after some phrases.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.interpolator.blink import lid_closure
from umo_runtime.interpolator.gaze import EYE_RANGE_RAD, LID_FOLLOWS
from umo_runtime.training.corpora.articulation import articulate
from umo_runtime.training.corpora.blinks import blink_phase, blink_times
from umo_runtime.training.corpora.brows import brows
from umo_runtime.training.corpora.delivery import Delivery
from umo_runtime.training.corpora.gesture_words import meaning_of
from umo_runtime.training.corpora.looks import Look, lead_with_eyes
from umo_runtime.training.corpora.manner import Manner
from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.training.corpora.saccades import LISTENERS_AVERSION, gaze
from umo_runtime.training.corpora.utterance import FacePerformance, Span, Utterance
from umo_runtime.types import FRAME_RATE_HZ

FloatArray = npt.NDArray[np.float32]

_MAX_SMILE = 0.12
_WIDE_FOLLOWS = 0.3
_REST_SQUINT = 0.03
_LISTENERS_RAISE = 0.2  # of the phrases they hear
_RAISE_AFTER_S, _RAISE_STRENGTH = (0.1, 0.5), (0.6, 1.0)
_NEVER: npt.NDArray[np.float64] = np.zeros(0)


class FaceTeacher:
    """Performs utterances; stateless, and the same for the same random generator state."""

    def perform(
        self,
        utterance: Utterance,
        num_frames: int,
        rng: np.random.Generator,
        controls: Controls = NEUTRAL,
        looks: Sequence[Look] = (),
        delivery: Delivery | None = None,
    ) -> FacePerformance:
        """Make the whole face of one utterance.

        Args:
            utterance: speech; without phones the mouth stays zero, as it does when listening.
            num_frames: T.
            rng: source of chance.
            controls: calmness, which brows heed, and state.
            looks: where an idle performer looks, beside small eye movements.
            delivery: of the utterance, where it is known already.
        """
        is_speaking, drift = controls.state == "speaking", Manner.of(controls.calmness).drift
        delivery = delivery or Delivery.of(utterance.samples)
        starts, ends = delivery.phrases_s() if controls.state != "idle" else (_NEVER, _NEVER)
        phase = blink_phase(
            blink_times(num_frames / FRAME_RATE_HZ, ends, rng),
            np.arange(num_frames) / FRAME_RATE_HZ,
        )
        if is_speaking:
            looked = gaze(num_frames, starts, rng)
        else:
            looked = gaze(num_frames, _NEVER, rng, LISTENERS_AVERSION)
        lead_with_eyes(looked, looks)
        blendshapes = np.zeros((num_frames, NUM_BLENDSHAPES), np.float32)
        has_mouth = bool(utterance.phones) and controls.state != "listening"
        if has_mouth:
            blendshapes = articulate(utterance, num_frames)
        raises = (
            [*delivery.accents, *_questions(utterance.words)]
            if is_speaking
            else _listeners_raises(ends, rng)
        )
        _move_brows(blendshapes, raises, drift, rng)
        _smile(blendshapes, rng.uniform(0.0, _MAX_SMILE), has_mouth=has_mouth)
        _move_eyes(blendshapes, looked, phase)
        return FacePerformance(np.clip(blendshapes, 0.0, 1.0), phase, looked)


def _set(blendshapes: FloatArray, name: str, values: FloatArray) -> None:
    """Fill a channel, or both sides of a channel named without its side."""
    sides = [name] if name in BLENDSHAPE_INDEX else [f"{name}Left", f"{name}Right"]
    for side in sides:
        blendshapes[:, BLENDSHAPE_INDEX[side]] = values


def _questions(words: Sequence[Span]) -> list[Accent]:
    """Question words raise the brows whether they are stressed or not."""
    return [
        Accent((word.start_s + word.end_s) / 2, 1.0)
        for word in words
        if meaning_of(word.label) == "question"
    ]


def _listeners_raises(ends_s: npt.NDArray[np.float64], rng: np.random.Generator) -> list[Accent]:
    """When the brows of a listener rise: after some of the speaker's phrases."""
    heard = ends_s[rng.random(len(ends_s)) < _LISTENERS_RAISE]
    return [
        Accent(float(end + rng.uniform(*_RAISE_AFTER_S)), rng.uniform(*_RAISE_STRENGTH))
        for end in heard
    ]


def _move_brows(
    blendshapes: FloatArray, found: list[Accent], size: float, rng: np.random.Generator
) -> None:
    moved = brows(len(blendshapes), found, rng, size)
    _set(blendshapes, "browInnerUp", moved.raised)
    _set(blendshapes, "browDown", moved.lowered)
    for side, share in zip(("Left", "Right"), rng.uniform(0.6, 0.9, 2), strict=True):
        _set(blendshapes, f"browOuterUp{side}", moved.raised * np.float32(share))


def _smile(blendshapes: FloatArray, amount: float, *, has_mouth: bool) -> None:
    """Lay a lasting faint smile over the face; in pauses it is all that is left of the mouth."""
    mouth = blendshapes[:, BLENDSHAPE_INDEX["mouthSmileLeft"]] + np.float32(amount)
    if has_mouth:
        _set(blendshapes, "mouthSmile", mouth)
    _set(blendshapes, "cheekSquint", 0.5 * mouth)
    _set(blendshapes, "eyeSquint", _REST_SQUINT + 0.25 * mouth)


def _move_eyes(blendshapes: FloatArray, looked: FloatArray, phase: FloatArray) -> None:
    """Turn the eyes and let the lids blink and follow them."""
    yaw, pitch = (looked / EYE_RANGE_RAD).astype(np.float32).T
    left, right = np.maximum(yaw, 0), np.maximum(-yaw, 0)
    up, down = np.maximum(pitch, 0), np.maximum(-pitch, 0)
    for name, values in (
        ("eyeLookOutLeft", left),
        ("eyeLookInRight", left),
        ("eyeLookInLeft", right),
        ("eyeLookOutRight", right),
        ("eyeLookUp", up),
        ("eyeLookDown", down),
        ("eyeWide", _WIDE_FOLLOWS * up),
        ("eyeBlink", np.maximum(lid_closure(phase), LID_FOLLOWS * down)),
    ):
        _set(blendshapes, name, values)
