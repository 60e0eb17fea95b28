"""Forced alignment: when the words and the phones of a transcript are spoken.

PocketSphinx finds the words first, then the phones inside each. Its times lie on a grid of 10 ms.
Source: D. Huggins-Daines et al., "PocketSphinx: a free, real-time continuous speech recognition
system for hand-held devices", ICASSP 2006.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pocketsphinx import Decoder

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.flite import letter_to_sound
from umo_runtime.training.corpora.timed_transcript import Alignment
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.types import FloatArray

_FRAME_S = 0.01
_WORD = re.compile(r"[a-z0-9']+")
_SILENCE = "SIL"

# An alignment is thrown away beyond these. Scores are the aligner's own, log likelihoods under the
# best that any sound would have had. Of 147 trusted alignments of LibriSpeech 3 would go. Of 36
# utterances each with a changed text these do not pass: 36 with that of another utterance, 31 with
# a word too many, 29 with three words missing, 17 with a wrong word, 9 with one word missing.
_MIN_SCORE = -35.0  # of a frame of speech, on average over the utterance
_MIN_LOCAL_SCORE = -55.0  # the same over the worst three words in a row
_MIN_SILENCE_SCORE = -2500.0  # of the worst silence as a whole: words that the text leaves out
_MAX_PHONE_S = 0.6
_LOCAL_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Phone:
    label: str
    start: int
    frames: int
    score: int


@dataclass(frozen=True, slots=True)
class _Word:
    label: str
    phones: tuple[_Phone, ...]

    @property
    def is_silence(self) -> bool:
        return self.phones[0].label == _SILENCE


class ForcedAligner:
    """Aligns English speech with its transcript.

    Args:
        pronounce: phones, in ARPAbet without stress, of a word that the dictionary lacks.
    """

    def __init__(self, pronounce: Callable[[str], Sequence[str]] = letter_to_sound) -> None:
        # The best path through the word lattice has times that the search for phones cannot meet.
        self._decoder = Decoder(lm=None, bestpath=False, loglevel="FATAL")
        self._pronounce = pronounce

    def align(self, samples: FloatArray, text: str) -> Alignment | None:
        """Find the words and phones of a transcript.

        Args:
            samples: [N] at 16 kHz.
            text: what is said; case and punctuation do not matter.

        Returns:
            Times with silences as `SIL`, or None where they cannot be trusted: the text is not
            what is said, or the aligner lost its way.
        """
        words = [word for token in _WORD.findall(text.lower()) if (word := self._known(token))]
        if not len(samples):
            return None  # the decoder would not end what it never began
        if not words:
            raise CorpusError(f"the transcript {text!r} holds no English word; give what is said")
        found = self._search(samples, " ".join(words))
        return _alignment(found) if found and is_plausible(found) else None

    def _known(self, token: str) -> str:
        """The token as a word of the dictionary, which learns it if need be."""
        for word in (token, token.strip("'")):
            if self._decoder.lookup_word(word) is not None:
                return word
        if word and (phones := self._pronounce(word)):
            self._decoder.add_word(word, " ".join(phones), True)
            return word
        return ""

    def _search(self, samples: FloatArray, text: str) -> list[_Word]:
        """Words with their phones; none if the sound cannot be the text."""
        decoder = self._decoder
        sound = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        decoder.set_align_text(text)
        try:
            self._decode(sound)
            if decoder.hyp() is None:
                return []
            decoder.set_alignment()
            self._decode(sound)
        except RuntimeError:  # it has no error of its own for "the last state was not reached"
            return []
        return [
            _Word(word.name, tuple(_Phone(p.name, p.start, p.duration, p.score) for p in word))
            for word in decoder.get_alignment()
        ]

    def _decode(self, sound: bytes) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(sound, full_utt=True)
        self._decoder.end_utt()


def is_plausible(words: Sequence[_Word]) -> bool:
    """Whether an alignment is likely to be right, by its scores and the lengths of its phones."""
    spoken = [word for word in words if not word.is_silence]
    silences = [word for word in words if word.is_silence]
    longest = max(phone.frames for word in spoken for phone in word.phones)
    stretches = range(max(1, len(spoken) - _LOCAL_WORDS + 1))
    return (
        _frame_score(spoken) >= _MIN_SCORE
        and min(_frame_score(spoken[n : n + _LOCAL_WORDS]) for n in stretches) >= _MIN_LOCAL_SCORE
        and all(word.phones[0].score >= _MIN_SILENCE_SCORE for word in silences)
        and longest * _FRAME_S <= _MAX_PHONE_S
    )


def _frame_score(words: Sequence[_Word]) -> float:
    phones = [phone for word in words for phone in word.phones]
    return sum(phone.score for phone in phones) / sum(phone.frames for phone in phones)


def _alignment(words: Sequence[_Word]) -> Alignment:
    phones = tuple(_span(phone.label, [phone]) for word in words for phone in word.phones)
    return Alignment(tuple(_span(word.label, word.phones) for word in words), phones)


def _span(label: str, phones: Sequence[_Phone]) -> Span:
    end = phones[-1].start + phones[-1].frames
    return Span(label, phones[0].start * _FRAME_S, end * _FRAME_S)
