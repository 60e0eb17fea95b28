"""Puts recorded gestures on the accents of speech, as BML realisers do.

Gestures are chosen by word where words are timed, else by accent strength. A clip's emphasis falls
on the accent; its preparation starts from wherever the hand is (co-articulation), and after the
stroke the hand stays (post-stroke hold). All of this runs on a *speech clock* that stands still in
pauses, so that arms hold while the voice rests; in long pauses they sink back to the idle.
Sources: D. McNeill, "Hand and Mind", 1992 (gesture phases; stroke on the accent); M. Thiebaux et
al., "SmartBody: behavior realization for embodied conversational agents", AAMAS 2008 (scheduling).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.accent_plan import Stroke, plan_strokes
from umo_runtime.training.corpora.gestures import collect_gestures
from umo_runtime.training.corpora.head_accents import nod
from umo_runtime.training.corpora.held_arms import enliven
from umo_runtime.training.corpora.idle import collect_idles, stand_at_ease
from umo_runtime.training.corpora.limb_layers import LIMBS, Limb, blend_strokes
from umo_runtime.training.corpora.prosody import Accent, accents, speech_activity
from umo_runtime.training.corpora.rotations import continuous
from umo_runtime.training.corpora.speech_clock import SpeechClock
from umo_runtime.training.corpora.speed_limit import limit_speed
from umo_runtime.training.corpora.utterance import BoolArray, FloatArray, MotionClip, Utterance

_BEAT_DISTANCE_S = 0.4  # from a stroke to the nearest small beat


@dataclass(frozen=True, slots=True)
class PlacedGesture:
    """A gesture in a performance.

    Attributes:
        name: the clip's base name, with `(mirrored)` when left and right were exchanged.
        time_s: when its emphasis falls.
        hand: `Left`, `Right` or `Both`.
        meaning: the word class or beat it was chosen for.
    """

    name: str
    time_s: float
    hand: str
    meaning: str


@dataclass(frozen=True, slots=True)
class MotionTrack:
    """Body motion for one utterance at 30 fps.

    Attributes:
        rotations: [T, 55, 4] xyzw, parent-local.
        root_position: hips in metres, [T, 3].
        gestures: what was placed, in order of time.
    """

    rotations: FloatArray
    root_position: FloatArray
    gestures: tuple[PlacedGesture, ...]


class Choreographer:
    """Makes body motion for speech out of recorded clips.

    Args:
        clips: gestures and idles, as `read_smartbody` yields them; leave held-out clips out.

    Raises:
        CorpusError: no usable gesture or no idle among the clips.
    """

    def __init__(self, clips: Sequence[MotionClip]) -> None:
        self._gestures = collect_gestures(clips)
        self._idles = collect_idles(clips)
        if not self._gestures or not self._idles:
            raise CorpusError(
                f"choreographer: {len(self._gestures)} gestures and {len(self._idles)} idles among "
                f"{len(clips)} clips; expected some of both, from the SmartBody archive"
            )

    def perform(
        self, utterance: Utterance, num_frames: int, rng: np.random.Generator
    ) -> MotionTrack:
        """Move the body to an utterance; the same `rng` state gives the same motion.

        Args:
            utterance: speech, with or without timed words.
            num_frames: T, at 30 fps from the first sample.
            rng: all choices.

        Returns:
            The motion.
        """
        activity = _fit(speech_activity(utterance.samples), num_frames)
        return self.move(activity, accents(utterance.samples), utterance, rng)

    def move(
        self,
        activity: BoolArray,
        found: Sequence[Accent],
        utterance: Utterance,
        rng: np.random.Generator,
    ) -> MotionTrack:
        """The same from prosody that is already known: activity [T] and accents."""
        clock = SpeechClock(activity)
        rotations, root_position = stand_at_ease(self._idles, len(activity), rng)
        strokes = plan_strokes(self._gestures, clock, found, utterance.words, rng)
        for limb in LIMBS:
            raised = blend_strokes(rotations, limb, _strokes_of(limb, strokes), clock)
            if limb.hand:
                enliven(rotations, limb.hand, raised, _beats(found, strokes, clock), clock, rng)
        nod(rotations, found, activity, rng)
        limit_speed(rotations)
        placed = tuple(
            PlacedGesture(stroke.label, stroke.accent_s, stroke.hand, stroke.meaning)
            for stroke in strokes
        )
        return MotionTrack(continuous(rotations), root_position, placed)


def _strokes_of(limb: Limb, strokes: Sequence[Stroke]) -> list[Stroke]:
    return [stroke for stroke in strokes if not limb.hand or limb.hand in stroke.gesture.hands]


def _beats(
    found: Sequence[Accent], strokes: Sequence[Stroke], clock: SpeechClock
) -> list[tuple[float, float]]:
    """Speech time and strength of the accents that no stroke is on or about to be on."""
    hits = np.array([stroke.speech_s for stroke in strokes] or [-np.inf])
    beats = [(clock.at(accent.time_s), accent.strength) for accent in found]
    return [beat for beat in beats if np.abs(hits - beat[0]).min() > _BEAT_DISTANCE_S]


def _fit(activity: BoolArray, num_frames: int) -> BoolArray:
    """Cut, or fill up with silence, to [num_frames]."""
    fitted = np.zeros(num_frames, np.bool_)
    fitted[: len(activity)] = activity[:num_frames]
    return fitted
