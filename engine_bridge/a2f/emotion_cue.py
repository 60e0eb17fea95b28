"""An emotion that begins at a time of a clip: Audio2Face-3D's ten as ours."""

import math
from dataclasses import dataclass

from nvidia_audio2face_3d.messages_pb2 import EmotionWithTimeCode

from umo_runtime.controls import EMOTIONS, Emotion
from umo_runtime.errors import ServiceError

# No mood of ours is near the last four: they are neutral.
OURS: dict[str, Emotion] = {
    "joy": "joy",
    "cheekiness": "joy",
    "anger": "anger",
    "disgust": "anger",
    "sadness": "sadness",
    "grief": "sadness",
    "amazement": "neutral",
    "fear": "neutral",
    "outofbreath": "neutral",
    "pain": "neutral",
}


@dataclass(frozen=True, slots=True)
class EmotionCue:
    """A mood from a time on.

    Attributes:
        time_s: since the beginning of the clip.
        emotion: the strongest of those that were told.
        intensity: 0..1.
    """

    time_s: float
    emotion: Emotion
    intensity: float


def read_cue(sent: EmotionWithTimeCode, strength: float) -> EmotionCue:
    """What to tell the character.

    Args:
        sent: emotions and a time code.
        strength: 0..1, of all of them.

    Raises:
        ServiceError: there is no such emotion or time, or a value is not in 0..1.
    """
    if not (math.isfinite(sent.time_code) and sent.time_code >= 0):
        raise ServiceError(
            "value", f"time_code of an emotion is {sent.time_code}; give seconds from 0 on"
        )
    weights: dict[Emotion, float] = dict.fromkeys(EMOTIONS, 0.0)
    for name, value in sent.emotion.items():
        if name not in OURS:
            raise ServiceError("value", f"emotion is {name[:40]!r}; give one of {', '.join(OURS)}")
        if not 0 <= value <= 1:
            raise ServiceError("value", f"{name} is {value:g}; give a number from 0 to 1")
        weights[OURS[name]] = max(weights[OURS[name]], value)
    emotion = max(EMOTIONS, key=weights.__getitem__)
    return EmotionCue(sent.time_code, emotion, weights[emotion] * strength)
