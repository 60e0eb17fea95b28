"""Decides which accents get a gesture, which gesture, how fast and with which hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.training.corpora.gesture_words import meaning_of
from umo_runtime.training.corpora.gestures import Gesture, of_meaning
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.training.corpora.speech_clock import SpeechClock
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.types import FRAME_RATE_HZ

_MIN_SPACING_S, _MAX_SPACING_S = 0.95, 2.0  # on the speech clock, between strokes
_WANTED_SPACING_S = (1.0, 1.55)
_FIRST_LEAD_S = 0.6  # of speech before the first stroke: the hand must get up
_PREPARATION_S = 0.45  # what a transition needs at natural speed
_SPEED_RANGE = (0.65, 1.5)
_WORD_BONUS, _WORD_CHANCE = 1.0, 0.9
_WORD_REACH_S = 0.2  # an accent this near to a word is the word's
_SAME_HAND_CHANCE = 0.6
_NUM_REMEMBERED = 4  # recent clips that are not repeated
_OFFER_CHANCE = 0.25  # of an open-hand gesture in place of a beat
_HIGH_STRENGTH, _MID_STRENGTH = 0.66, 0.33


@dataclass(frozen=True, slots=True)
class Stroke:
    """A gesture on an accent.

    Attributes:
        gesture: what is done.
        accent_s: real time of its emphasis.
        speech_s: the same on the speech clock.
        speed: clip seconds per second of speech clock, 0.65..1.5.
        meaning: why it was chosen.
        manner: how large it is and how fast the hand gets there.
    """

    gesture: Gesture
    accent_s: float
    speech_s: float
    speed: float
    meaning: str
    manner: Manner = NATURAL

    @property
    def label(self) -> str:
        """Clip name, saying whether it is mirrored."""
        return self.gesture.clip.name + (" (mirrored)" if self.gesture.is_mirrored else "")

    @property
    def hand(self) -> str:
        """`Left`, `Right` or `Both`."""
        return self.gesture.hands[0] if len(self.gesture.hands) == 1 else "Both"


def plan_strokes(
    gestures: Sequence[Gesture],
    clock: SpeechClock,
    accents: Sequence[Accent],
    words: Sequence[Span],
    rng: np.random.Generator,
    manner: Manner = NATURAL,
) -> list[Stroke]:
    """Choose accents about 1.2 to 2 s of speech apart and a gesture for each, in order of time."""
    last_frame = len(clock.elapsed_s) - 1
    usable = [
        accent
        for accent in accents
        if accent.time_s * FRAME_RATE_HZ <= last_frame
        and not clock.is_pause[round(accent.time_s * FRAME_RATE_HZ)]
    ]
    strokes: list[Stroke] = []
    last_s = _FIRST_LEAD_S - _MIN_SPACING_S * manner.spacing
    while True:
        accent = _next_accent(usable, clock, words, last_s, rng, manner.spacing)
        if accent is None:
            return strokes
        speech_s = clock.at(accent.time_s)
        meaning = _meaning(accent, words, rng, manner.emphasis)
        gesture = _choose(gestures, meaning, strokes, rng)
        speed = _speed(gesture, speech_s - last_s, rng, manner.tempo)
        strokes.append(Stroke(gesture, accent.time_s, speech_s, speed, meaning, manner))
        last_s = speech_s


def _next_accent(
    accents: Sequence[Accent],
    clock: SpeechClock,
    words: Sequence[Span],
    last_s: float,
    rng: np.random.Generator,
    stretch: float,
) -> Accent | None:
    """The accent that best follows a stroke at speech time `last_s`; spacings are stretched."""
    nearest_s, farthest_s = last_s + _MIN_SPACING_S * stretch, last_s + _MAX_SPACING_S * stretch
    later = [accent for accent in accents if clock.at(accent.time_s) >= nearest_s]
    if not later:
        return None
    window = [a for a in later if clock.at(a.time_s) <= farthest_s] or later[:1]
    wanted_s = rng.uniform(*_WANTED_SPACING_S)

    def worth(accent: Accent) -> float:
        spacing_s = (clock.at(accent.time_s) - last_s) / stretch
        bonus = _WORD_BONUS if _word_meaning(accent, words) else 0.0
        before = round((accent.time_s - _PREPARATION_S) * FRAME_RATE_HZ)
        start, stop = max(0, before), round(accent.time_s * FRAME_RATE_HZ)
        haste = 0.6 * float(clock.is_pause[start:stop].any())  # the hand would start in the pause
        return accent.strength + bonus - 0.6 * abs(spacing_s - wanted_s) - haste

    return max(window, key=worth)


def _word_meaning(accent: Accent, words: Sequence[Span]) -> str:
    """The gesture class of a word under the accent, or nothing."""
    for word in words:
        if word.start_s - _WORD_REACH_S <= accent.time_s <= word.end_s + _WORD_REACH_S:
            meaning = meaning_of(word.label)
            if meaning:
                return meaning
    return ""


def _meaning(
    accent: Accent, words: Sequence[Span], rng: np.random.Generator, emphasis: float
) -> str:
    """What the gesture should say: the word's class, else a beat as large as the accent."""
    meaning = _word_meaning(accent, words)
    if meaning and rng.uniform() < _WORD_CHANCE:
        return meaning
    if rng.uniform() < _OFFER_CHANCE:
        return "offer"
    strength = accent.strength + emphasis
    if strength > _HIGH_STRENGTH:
        return "beat_high"
    return "beat_mid" if strength > _MID_STRENGTH else "beat_low"


def _choose(
    gestures: Sequence[Gesture],
    meaning: str,
    earlier: Sequence[Stroke],
    rng: np.random.Generator,
) -> Gesture:
    """A gesture of that meaning, not one of the last few, rather with the hand that is up."""
    fitting = of_meaning(gestures, meaning) or list(gestures)
    recent = {stroke.gesture.clip.name for stroke in earlier[-_NUM_REMEMBERED:]}
    fresh = [gesture for gesture in fitting if gesture.clip.name not in recent] or fitting
    if earlier and rng.uniform() < _SAME_HAND_CHANCE:
        hands = set(earlier[-1].gesture.hands)
        fresh = [gesture for gesture in fresh if hands & set(gesture.hands)] or fresh
    return fresh[rng.integers(len(fresh))]


def _speed(gesture: Gesture, spacing_s: float, rng: np.random.Generator, tempo: float) -> float:
    """Faster when the next stroke comes soon; a little different every time."""
    stroke_s = gesture.phase_s("stroke") - gesture.phase_s("strokeStart")
    needed = stroke_s / max(spacing_s - _PREPARATION_S, 0.3)
    return float(np.clip(max(needed, 1.0) * rng.uniform(0.85, 1.15) * tempo, *_SPEED_RANGE))
