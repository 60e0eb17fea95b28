"""A natural voice from the package hibari-tts, with times from the aligner.

Source: hibari-tts, PyPI, Apache-2.0; its bundled voice needs no download.
"""

import soxr

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.forced_alignment import ForcedAligner
from umo_runtime.training.corpora.timed_transcript import spoken_words
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import SAMPLE_RATE_HZ

SPEAKER = "hibari-heart"


class NeuralVoice:
    """Says sentences; keeps its networks and the aligner loaded."""

    def __init__(self) -> None:
        try:
            import hibari
        except ImportError as error:
            raise CorpusError(
                "hibari-tts is not installed; it speaks with a natural voice, run: "
                "pip install hibari-tts"
            ) from error
        self._say = hibari.Hibari()
        self._rate_hz = hibari.SAMPLE_RATE
        self._aligner = ForcedAligner()

    def speak(self, text: str, name: str, pace: float = 1.0, seed: int = 0) -> Utterance | None:
        """Say a sentence; None if the aligner does not find it in the sound.

        Args:
            text: the sentence.
            name: of the utterance.
            pace: how fast, 0.5..2.
            seed: of the voice's own variation.
        """
        samples = self._say(text, speed=pace, seed=seed)
        samples = soxr.resample(samples, self._rate_hz, SAMPLE_RATE_HZ)
        alignment = self._aligner.align(samples, text)
        if alignment is None:
            return None
        words = spoken_words(alignment.words)
        return Utterance(name, SPEAKER, samples, text, words, alignment.phones)
