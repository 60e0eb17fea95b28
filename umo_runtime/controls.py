"""What a character is told besides its speech: how lively to be, its mood, its role, its gaze."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from umo_runtime.errors import ControlError

FloatArray = npt.NDArray[np.float32]

Emotion = Literal["neutral", "joy", "anger", "sadness"]
State = Literal["speaking", "listening", "idle"]
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)
STATES: tuple[State, ...] = get_args(State)

# Layout of the vector that the networks take.
CALMNESS, LISTENING, IDLE = 0, 1, 2  # what the predictor reads: the first three
JOY, ANGER, SADNESS = 3, 4, 5
GAZE_WEIGHT, GAZE_YAW, GAZE_PITCH = 6, 7, 8
NUM_PREDICTOR_CONTROLS = 3
CONTROL_DIM = 9

NEUTRAL_CALMNESS = 0.5
MAX_GAZE_RAD = math.pi


@dataclass(frozen=True, slots=True)
class Controls:
    """Directions for one character; the defaults are neutral.

    Attributes:
        calmness: 0 nearly still, 0.5 as people talk, 1 lively.
        emotion: mood of the face.
        intensity: of the emotion, 0..1.
        state: `speaking` moves the lips with the sound; `listening` hears the sound as somebody
            else's, keeps the mouth shut and nods; `idle` waits.
        gaze_rad: yaw (positive to the character's left) and pitch (positive up) of what to look
            at, as seen from the character's chest; None looks around freely.

    Raises:
        ControlError: a value is not a number, out of its range or unknown.
    """

    calmness: float = NEUTRAL_CALMNESS
    emotion: Emotion = "neutral"
    intensity: float = 1.0
    state: State = "speaking"
    gaze_rad: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse what no character can do."""
        for name in ("calmness", "intensity"):
            if not 0 <= getattr(self, name) <= 1:
                raise ControlError(f"{name} is {getattr(self, name)}; give a number from 0 to 1")
        if self.emotion not in EMOTIONS:
            raise ControlError(f"emotion is {self.emotion!r}; give one of {', '.join(EMOTIONS)}")
        if self.state not in STATES:
            raise ControlError(f"state is {self.state!r}; give one of {', '.join(STATES)}")
        if self.gaze_rad is not None and not all(abs(a) <= MAX_GAZE_RAD for a in self.gaze_rad):
            raise ControlError(f"gaze is {self.gaze_rad} rad; give angles within half a turn")

    def vector(self) -> FloatArray:
        """The same as the networks take it, [CONTROL_DIM] float32."""
        values = np.zeros(CONTROL_DIM, np.float32)
        values[CALMNESS] = self.calmness
        values[LISTENING], values[IDLE] = self.state == "listening", self.state == "idle"
        if self.emotion != "neutral":
            values[JOY + EMOTIONS.index(self.emotion) - 1] = self.intensity
        if self.gaze_rad is not None:
            values[GAZE_WEIGHT:] = (1.0, *self.gaze_rad)
        return values


NEUTRAL = Controls()
