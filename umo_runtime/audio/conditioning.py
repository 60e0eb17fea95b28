"""A microphone's sound made fit for the networks: gate, then gain, without any delay.

The level of each 10 ms block decides what happens to the next one; within it the gain moves in a
straight line, so that nothing clicks.
"""

import numpy as np

from umo_runtime.audio.gain import AutomaticGain
from umo_runtime.audio.gate import NoiseGate
from umo_runtime.audio.level import LEVEL_SAMPLES, SILENCE_DB, level_db
from umo_runtime.audio.voice_activity import VoiceActivity
from umo_runtime.types import FloatArray

_RISE: FloatArray = np.linspace(0, 1, LEVEL_SAMPLES + 1, dtype=np.float32)[1:]


class VoiceConditioner:
    """Gate and gain of one stream of 16 kHz samples.

    Args:
        gate: what may pass; None lets everything.
        gain: what brings speech to one loudness; None leaves it.

    Attributes:
        level_db: of the latest whole 10 ms as they came in, dB of full scale.
        is_voice: somebody speaks in them.
    """

    def __init__(self, gate: NoiseGate | None = None, gain: AutomaticGain | None = None) -> None:
        self._gate = gate
        self._gain = gain
        self._activity = VoiceActivity()
        self._block = np.zeros(LEVEL_SAMPLES, np.float32)
        self._filled = 0
        self._factor = 1.0 if gate is None else 0.0
        self._factors = np.full(LEVEL_SAMPLES, self._factor, np.float32)
        self.level_db = SILENCE_DB
        self.is_voice = False

    def push(self, samples: FloatArray) -> FloatArray:
        """Return samples [N], N >= 0, conditioned, within -1..1; how they are cut is no matter."""
        ends = range(LEVEL_SAMPLES - self._filled, len(samples), LEVEL_SAMPLES)
        return np.concatenate([self._pass(part) for part in np.split(samples, ends)])

    def _pass(self, part: FloatArray) -> FloatArray:
        """Condition samples that do not go beyond the current block."""
        place = slice(self._filled, self._filled + len(part))
        self._block[place] = part
        passed: FloatArray = np.clip(part * self._factors[place], -1, 1)
        self._filled = place.stop % LEVEL_SAMPLES
        if place.stop == LEVEL_SAMPLES:
            self._decide()
        return passed

    def _decide(self) -> None:
        self.level_db = level_db(self._block)
        self.is_voice = self._activity.step(self.level_db)
        gain_db = self._gain.step(self.level_db, self.is_voice) if self._gain else 0.0
        is_open = self._gate.step(self.level_db) if self._gate else True
        start, self._factor = self._factor, 10 ** (gain_db / 20) if is_open else 0.0
        self._factors = np.asarray(start + (self._factor - start) * _RISE, np.float32)
