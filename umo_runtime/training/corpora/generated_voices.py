"""Voices that programs speak with, for labels that are exact where an aligner's are not.

Flite and eSpeak NG say when each phone begins. They sound less like people than recordings do and
must stay a small part of what is heard.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from umo_runtime.training.corpora import espeak, flite
from umo_runtime.training.corpora.utterance import Utterance

# Flite first: its voices come from recordings of people.
VOICES: tuple[str, ...] = (
    *(f"flite-{voice}" for voice in flite.VOICES),
    *("gmw/en-US", "gmw/en-US+f2", "gmw/en-US+m3", "gmw/en-US+f5", "gmw/en-US+belinda"),
    *("gmw/en", "gmw/en+f3", "gmw/en+m7", "gmw/en-GB-x-rp+f4", "gmw/en-GB-x-rp+m1"),
    *("gmw/en-GB-scotland", "gmw/en-GB-scotland+f1", "gmw/en-029+m5", "gmw/en-029+f3"),
)
_PACE = (0.8, 1.3)
_WORDS_PER_MINUTE = 170
_PITCH = (30, 70)


def speak(text: str, voice: str, name: str, rng: np.random.Generator) -> Utterance:
    """Say a sentence at a pace and a pitch of chance.

    Args:
        text: the sentence.
        voice: of VOICES.
        name: of the utterance.
        rng: source of chance.
    """
    pace = rng.uniform(*_PACE)
    if voice.startswith("flite-"):
        return flite.speak(text, voice.removeprefix("flite-"), name, pace)
    words_per_minute = round(pace * _WORDS_PER_MINUTE)
    return espeak.speak(text, voice, name, words_per_minute, int(rng.integers(*_PITCH)))


def generate(
    sentences: Iterable[str], rng: np.random.Generator, voices: tuple[str, ...] = VOICES
) -> Iterator[Utterance]:
    """Let the voices say sentences in turn."""
    for number, text in enumerate(sentences):
        yield speak(text, voices[number % len(voices)], f"generated-{number:05}", rng)
