"""What every corpus reader yields: speech with labels, motion clips, face captures."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of time: a word, or an ARPAbet phone without stress (silence `SIL`)."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording of speech.

    Attributes:
        name: unique within its corpus.
        speaker: who speaks.
        samples: [N] float32, 16 kHz mono.
        text: transcript, empty when unknown.
        words: timed words, lower case, without silences; empty when not aligned.
        phones: timed phones with silences as `SIL`; empty when not aligned.
    """

    name: str
    speaker: str
    samples: FloatArray
    text: str = ""
    words: tuple[Span, ...] = ()
    phones: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class MotionClip:
    """A piece of body motion at 30 fps on the 55-bone humanoid.

    Attributes:
        name: clip base name, without the character.
        character: whose skeleton it was recorded on.
        rotations: [T, 55, 4] float32 xyzw, parent-local, identity in the T-pose.
        root_position: [T, 3] float32 hips position in metres.
        phases: gesture phase times in seconds by name (ready, strokeStart, emphasis, stroke,
            relax), or empty.
    """

    name: str
    character: str
    rotations: FloatArray
    root_position: FloatArray
    phases: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FaceCapture:
    """A recording of speech with the face that was captured with it.

    Attributes:
        name: unique within its corpus.
        samples: [N] float32, 16 kHz mono.
        blendshapes: [T, 52] float32 at 30 fps, 0..1, `blendshapes.BLENDSHAPES` order.
        observed: [52] which channels the capture really holds; the others are zero.
    """

    name: str
    samples: FloatArray
    blendshapes: FloatArray
    observed: BoolArray


@dataclass(frozen=True, slots=True)
class FacePerformance:
    """What the face teacher makes for one utterance, at 30 fps.

    Attributes:
        blendshapes: [T, 52] float32, 0..1: mouth, brows, cheeks, blinks, eye look.
        blink_phase: [T] float32: time since the last blink began over BLINK_DURATION_S, clipped
            to 1 (1 = eyes open, no blink under way).
        gaze_rad: [T, 2] float32 eye yaw (positive to the character's left) and pitch (positive up),
            constant between saccades; a saccade may only start on a keyframe (every 4th frame).
    """

    blendshapes: FloatArray
    blink_phase: FloatArray
    gaze_rad: FloatArray
