"""Puts recorded gestures on the accents of speech, as BML realisers do.

Gestures are chosen by word where words are timed, else by accent strength. A clip's emphasis falls
on the accent; its preparation starts from wherever the hand is (co-articulation), and after the
stroke the hand stays (post-stroke hold). All of this runs on a *speech clock* that stands still in
pauses, so that arms hold while the voice rests; in long pauses they sink back to the idle. Who
listens or waits stands at ease, and nods or looks around.
Sources: D. McNeill, "Hand and Mind", 1992 (gesture phases; stroke on the accent); M. Thiebaux et
al., "SmartBody: behavior realization for embodied conversational agents", AAMAS 2008 (scheduling).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.accent_plan import Stroke, plan_strokes
from umo_runtime.training.corpora.delivery import Delivery
from umo_runtime.training.corpora.gestures import collect_gestures
from umo_runtime.training.corpora.head_accents import nod
from umo_runtime.training.corpora.head_gestures import gesture_with_head
from umo_runtime.training.corpora.held_arms import enliven
from umo_runtime.training.corpora.idle import collect_idles, stand_at_ease
from umo_runtime.training.corpora.limb_layers import LIMBS, Limb, blend_strokes
from umo_runtime.training.corpora.listening import attend
from umo_runtime.training.corpora.looks import Look
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.training.corpora.rotations import continuous
from umo_runtime.training.corpora.speech_clock import SpeechClock
from umo_runtime.training.corpora.speed_limit import limit_speed
from umo_runtime.training.corpora.utterance import BoolArray, FloatArray, MotionClip, Utterance
from umo_runtime.training.corpora.waiting import settle_arms, turn_head, weight_shifts

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
        self,
        utterance: Utterance,
        num_frames: int,
        rng: np.random.Generator,
        controls: Controls = NEUTRAL,
        looks: Sequence[Look] = (),
        delivery: Delivery | None = None,
    ) -> MotionTrack:
        """Move the body to an utterance; the same `rng` state gives the same motion.

        Args:
            utterance: speech, with or without timed words: one's own, or of another one to whom one
                listens.
            num_frames: T, at 30 fps from the first sample.
            rng: all choices.
            controls: calmness and state.
            looks: where an idle performer looks.
            delivery: of the utterance, where it is known already.

        Returns:
            The motion.
        """
        manner = Manner.of(controls.calmness)
        if controls.state == "idle":
            return self._wait(num_frames, looks, manner, rng)
        delivery = delivery or Delivery.of(utterance.samples)
        activity = delivery.activity_of(num_frames)
        if controls.state == "listening":
            return self._listen(activity, manner, rng)
        return self.move(activity, delivery.accents, utterance, rng, manner)

    def move(
        self,
        activity: BoolArray,
        found: Sequence[Accent],
        utterance: Utterance,
        rng: np.random.Generator,
        manner: Manner = NATURAL,
    ) -> MotionTrack:
        """Speak, from prosody that is already known: activity [T] and accents."""
        clock = SpeechClock(activity)
        rotations, root_position = stand_at_ease(self._idles, len(activity), rng, manner)
        strokes = plan_strokes(self._gestures, clock, found, utterance.words, rng, manner)
        for limb in LIMBS:
            raised = blend_strokes(rotations, limb, _strokes_of(limb, strokes), clock)
            if limb.hand:
                beats = _beats(found, strokes, clock)
                enliven(rotations, limb.hand, raised, beats, clock, rng, manner)
        nod(rotations, found, activity, rng, manner)
        gesture_with_head(rotations, utterance.words, rng, manner)
        limit_speed(rotations)
        placed = tuple(
            PlacedGesture(stroke.label, stroke.accent_s, stroke.hand, stroke.meaning)
            for stroke in strokes
        )
        return MotionTrack(continuous(rotations), root_position, placed)

    def _listen(self, activity: BoolArray, manner: Manner, rng: np.random.Generator) -> MotionTrack:
        """Attend to another one who speaks when `activity` [T] says."""
        rotations, root_position = stand_at_ease(self._idles, len(activity), rng, manner)
        attend(rotations, activity, manner, rng)
        limit_speed(rotations)
        return MotionTrack(continuous(rotations), root_position, ())

    def _wait(
        self, num_frames: int, looks: Sequence[Look], manner: Manner, rng: np.random.Generator
    ) -> MotionTrack:
        weight = weight_shifts(num_frames, rng)
        rotations, root_position = stand_at_ease(self._idles, num_frames, rng, manner, weight)
        settle_arms(rotations, manner, rng)
        turn_head(rotations, looks)
        limit_speed(rotations)
        return MotionTrack(continuous(rotations), root_position, ())


def _strokes_of(limb: Limb, strokes: Sequence[Stroke]) -> list[Stroke]:
    return [stroke for stroke in strokes if not limb.hand or limb.hand in stroke.gesture.hands]


def _beats(
    found: Sequence[Accent], strokes: Sequence[Stroke], clock: SpeechClock
) -> list[tuple[float, float]]:
    """Speech time and strength of the accents that no stroke is on or about to be on."""
    hits = np.array([stroke.speech_s for stroke in strokes] or [-np.inf])
    beats = [(clock.at(accent.time_s), accent.strength) for accent in found]
    return [beat for beat in beats if np.abs(hits - beat[0]).min() > _BEAT_DISTANCE_S]
