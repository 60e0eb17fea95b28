"""What moves through the graph: audio chunks, tokens, keyframes, frames.

Every item names its stream and carries `captured_s`: the clock time at which the newest audio it
depends on entered the system. Latency anywhere is `clock.now_s() - item.captured_s`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.controls import NEUTRAL, Controls

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

SAMPLE_RATE_HZ = 16_000
FRAME_RATE_HZ = 30
FRAMES_PER_KEYFRAME = 4
WINDOW_SAMPLES = 400  # of a log-mel window, 25 ms
MEL_PER_FRAME = 4  # log-mel at 120 Hz, so that mel, frame and keyframe rates divide one another
LOOK_AHEAD_S = 7 / 120  # audio later than a frame's time that the frame may use


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A run of speech samples of one stream.

    Attributes:
        stream: which avatar.
        start_sample: index of the first sample on the stream's own 16 kHz timeline.
        samples: [N] float32 at 16 kHz, mono, about -1..1, finite.
        captured_s: clock time at which the last sample was there.
        is_last: no audio of this stream follows.
        controls: what the character is told from the first sample on.
        words: text tokens of words, each with the sample at which it is told, in order; one whose
            frame is past is told in the next.
    """

    stream: str
    start_sample: int
    samples: FloatArray
    captured_s: float
    is_last: bool = False
    controls: Controls = NEUTRAL
    words: tuple[tuple[int, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechTokens:
    """One frame period (1/30 s) of tokenized speech.

    Attributes:
        stream: which avatar.
        frame: index of the motion frame these tokens speak for; its time is `frame / 30` s.
        codes: audio tokens, [Q] int64.
        features: continuous audio features, [F] float32, for the interpolator.
        text: byte-pair tokens of words that start in this frame, possibly none.
        captured_s: see the module.
        is_last: the stream ends with this frame.
        controls: what the character is told at the frame's time.
    """

    stream: str
    frame: int
    codes: IntArray
    features: FloatArray
    text: tuple[int, ...]
    captured_s: float
    is_last: bool = False
    controls: Controls = NEUTRAL


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A predicted sparse pose.

    Attributes:
        stream: which avatar.
        index: keyframe number; its time is `index * 4 / 30` s.
        pose: pose vector of all regions, [P] float32 (layout: `umo_runtime.tokenizer.pose`).
        captured_s: see the module.
    """

    stream: str
    index: int
    pose: FloatArray
    captured_s: float


@dataclass(frozen=True, slots=True)
class MotionFrame:
    """One dense frame of one character.

    Attributes:
        stream: which avatar.
        index: frame number at the output rate.
        time_s: time on the audio's own timeline.
        rotations: parent-local, normalised to the T-pose, [55, 4] float32 xyzw, unit length.
        root_position: position of the hips in metres, [3] float32.
        blendshapes: [52] float32 in 0..1, in the order of `blendshapes.BLENDSHAPES`.
        captured_s: see the module.
        is_last: the stream ends with this frame.
    """

    stream: str
    index: int
    time_s: float
    rotations: FloatArray
    root_position: FloatArray
    blendshapes: FloatArray
    captured_s: float
    is_last: bool = False
