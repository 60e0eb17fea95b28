"""What both teachers heed of a voice: when it sounds and which syllables stand out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.training.corpora.prosody import Accent, accents, speech_activity
from umo_runtime.training.corpora.speech_clock import runs
from umo_runtime.training.corpora.utterance import BoolArray, FloatArray
from umo_runtime.types import FRAME_RATE_HZ


@dataclass(frozen=True, slots=True)
class Delivery:
    """How something is said.

    Attributes:
        activity: whether the voice sounds in each frame of the recording, [T].
        accents: in order of time.
    """

    activity: BoolArray
    accents: list[Accent]

    @classmethod
    def of(cls, samples: FloatArray) -> "Delivery":
        """Listen to a recording, [N] float32 at 16 kHz."""
        return cls(speech_activity(samples), accents(samples))

    def activity_of(self, num_frames: int) -> BoolArray:
        """Activity cut, or filled up with silence, to [num_frames]."""
        fitted = np.zeros(num_frames, np.bool_)
        fitted[: len(self.activity)] = self.activity[:num_frames]
        return fitted

    def phrases_s(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Starts and ends of the stretches of speech between pauses, in seconds."""
        edges = np.array(runs(self.activity), np.float64).reshape(-1, 2) / FRAME_RATE_HZ
        return edges[:, 0], edges[:, 1]
