"""Mouth movement from timed phones: dominance functions, lip contacts, rest in silences.

Every phone pulls the mouth towards its viseme; the mouth is the mean of all pulls, weighted by
dominances that decay with the time from each phone. Lip contacts cannot be left to a mean: a shut
P seen as half open is wrong, so they gate the result, and so do silences.
Sources: M. Cohen and D. Massaro, "Modeling coarticulation in synthetic visual speech", 1993; the
loudness of jaw and lips after P. Edwards et al., "JALI", SIGGRAPH 2016.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.phones import BILABIALS, LABIODENTALS
from umo_runtime.training.corpora.prosody import MIN_PAUSE_S, energy_db
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.training.corpora.visemes import (
    COLUMN_ARTICULATORS,
    COLUMN_CHANNELS,
    DOMINANCES,
    GLIDES,
    PHONES,
    TARGET_ROWS,
    TARGETS,
    VOWELS,
    Articulator,
)
from umo_runtime.types import FRAME_RATE_HZ

FloatArray = npt.NDArray[np.float32]
_Times = npt.NDArray[np.float64]

_DECAY_S = np.array((0.035, 0.060, 0.055, 0.040), np.float32)  # of the dominance, by Articulator
_CORE = 0.2  # half width of a phone's full dominance, as a share of its duration
_GLIDE_SHARE = 0.55  # of a diphthong that belongs to its first vowel

_FULL_GAIN_DB = 25.0  # this much louder doubles an opening
_GAIN_RANGE = (0.4, 1.15)
_GAIN_SMOOTHING_S = 0.03

_CONTACT_CORE = 0.25  # half width of a contact, as a share of the phone's duration
_CONTACT_RAMP_S = 0.08  # lips need about this long to meet or part
_PRESS, _ROLL, _LABIODENTAL_ROLL = 0.30, 0.12, 0.35
_LABIODENTAL_JAW = 0.25  # share of the opening that stays under F and V

_OPEN_BEFORE_S = 0.1  # the mouth starts to open this long before a phrase
_SHUT_AFTER_S = 0.15

_JAW, _CLOSE = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthClose"]
_PRESSES = [BLENDSHAPE_INDEX["mouthPressLeft"], BLENDSHAPE_INDEX["mouthPressRight"]]
_ROLL_LOWER, _ROLL_UPPER = BLENDSHAPE_INDEX["mouthRollLower"], BLENDSHAPE_INDEX["mouthRollUpper"]
_PARTING = [
    BLENDSHAPE_INDEX[f"mouth{name}{side}"]
    for name in ("LowerDown", "UpperUp")
    for side in ("Left", "Right")
]
_OPENINGS = [_JAW, *_PARTING]
_FUNNEL, _TONGUE = BLENDSHAPE_INDEX["mouthFunnel"], BLENDSHAPE_INDEX["tongueOut"]


class _Pulls(NamedTuple):
    """Phones with diphthongs split in two.

    Attributes:
        start_s: [S].
        end_s: [S].
        rows: [S] rows of the viseme tables.
    """

    start_s: _Times
    end_s: _Times
    rows: npt.NDArray[np.int64]


def articulate(utterance: Utterance, num_frames: int) -> FloatArray:
    """Move the mouth through the phones of an utterance.

    Args:
        utterance: with phones.
        num_frames: frames to make; past the last phone the mouth is shut.

    Returns:
        [num_frames, 52] float32 in 0..1 at 30 fps, zero outside the mouth's channels.
    """
    times = np.arange(num_frames) / FRAME_RATE_HZ
    phones = utterance.phones
    blendshapes = _blend(_pulls(phones), times)
    blendshapes[:, _OPENINGS] *= _gain(utterance, num_frames)[:, None]
    _touch_lips(blendshapes, phones, times)
    blendshapes *= mouth_activity(phones, times)[:, None]
    return np.clip(blendshapes, 0.0, 1.0)


def _pulls(phones: tuple[Span, ...]) -> _Pulls:
    parts = [part for phone in phones for part in _parts(phone)]
    return _Pulls(
        np.array([part.start_s for part in parts]),
        np.array([part.end_s for part in parts]),
        np.array([TARGET_ROWS[part.label] for part in parts], np.int64),
    )


def _parts(phone: Span) -> Iterator[Span]:
    if phone.label not in PHONES:
        raise CorpusError(
            f"phone {phone.label!r} is not known; expected ARPAbet without stress digits, or SIL"
        )
    if phone.label not in GLIDES:
        yield phone
        return
    first, second = GLIDES[phone.label]
    turn_s = phone.start_s + _GLIDE_SHARE * (phone.end_s - phone.start_s)
    yield Span(first, phone.start_s, turn_s)
    yield Span(second, turn_s, phone.end_s)


def _gain(utterance: Utterance, num_frames: int) -> FloatArray:
    """How much openings are scaled by loudness at every frame, [T]; 1 for the usual vowel."""
    level = energy_db(utterance.samples)
    vowels = [phone for phone in utterance.phones if phone.label in VOWELS]
    centres = np.array([(phone.start_s + phone.end_s) / 2 for phone in vowels])
    at_vowels = np.interp(centres * FRAME_RATE_HZ, np.arange(len(level)), level)
    usual = np.median(at_vowels) if len(vowels) else level.max()
    level = ndimage.gaussian_filter1d(level, _GAIN_SMOOTHING_S * FRAME_RATE_HZ)
    level = np.interp(np.arange(num_frames), np.arange(len(level)), level)
    gain = np.clip(1 + (level - usual) / _FULL_GAIN_DB, *_GAIN_RANGE)
    return np.asarray(gain, np.float32)


def _blend(pulls: _Pulls, times: _Times) -> FloatArray:
    """Mean of the phones' targets, weighted by their dominance, at every time, [T, 52]."""
    centre, half = (pulls.start_s + pulls.end_s) / 2, (pulls.end_s - pulls.start_s) * _CORE
    distance = np.abs(times[:, None] - centre) - half
    distance = np.maximum(distance, 0.0).astype(np.float32)
    # The nearest phone always counts in full, so the weights never vanish far from all phones.
    distance -= distance.min(axis=1, keepdims=True)
    blendshapes = np.zeros((len(times), NUM_BLENDSHAPES), np.float32)
    for articulator in Articulator:
        weight = DOMINANCES[pulls.rows, articulator] * np.exp(-distance / _DECAY_S[articulator])
        weight /= weight.sum(axis=1, keepdims=True)
        for column, owner in enumerate(COLUMN_ARTICULATORS):
            if owner == articulator:
                reached = weight @ TARGETS[pulls.rows, column]
                blendshapes[:, COLUMN_CHANNELS[column]] = reached[:, None]
    return blendshapes


def _touch_lips(blendshapes: FloatArray, phones: tuple[Span, ...], times: _Times) -> None:
    """Bring the lips together for P, B, M and the lower lip to the teeth for F, V, in place."""
    shut = _contact(phones, BILABIALS, times)
    tucked = _contact(phones, LABIODENTALS, times) * (1 - shut)
    blendshapes[:, _JAW] *= (1 - shut) * (1 - (1 - _LABIODENTAL_JAW) * tucked)
    blendshapes[:, _CLOSE] = shut * blendshapes[:, _JAW]  # lips meet a little before the jaw shuts
    blendshapes[:, [*_PARTING, _FUNNEL, _TONGUE]] *= (1 - shut)[:, None]
    blendshapes[:, _PARTING[:2]] *= (1 - tucked)[:, None]
    blendshapes[:, _PRESSES] = _PRESS * shut[:, None]
    blendshapes[:, _ROLL_LOWER] = _ROLL * shut + _LABIODENTAL_ROLL * tucked
    blendshapes[:, _ROLL_UPPER] = _ROLL * shut


def _contact(phones: tuple[Span, ...], labels: frozenset[str], times: _Times) -> FloatArray:
    """How closed a contact of these phones is, [T]: 1 at one frame of each phone at least."""
    touching = [phone for phone in phones if phone.label in labels]
    if not touching:
        return np.zeros(len(times), np.float32)
    start = np.array([phone.start_s for phone in touching])
    end = np.array([phone.end_s for phone in touching])
    centre, half = (start + end) / 2, (end - start) * _CONTACT_CORE
    frame_s = np.round(centre * FRAME_RATE_HZ) / FRAME_RATE_HZ
    start, end = np.minimum(centre - half, frame_s), np.maximum(centre + half, frame_s)
    outside = np.maximum(start - times[:, None], times[:, None] - end).min(axis=1)
    return _smoothstep(1 - outside / _CONTACT_RAMP_S)


def mouth_activity(phones: tuple[Span, ...], times: _Times) -> FloatArray:
    """Whether the mouth takes part, [T]: 1 in speech, 0 in silences longer than MIN_PAUSE_S."""
    activity = np.ones(len(times), np.float32)
    for start, end in long_silences(phones):
        shutting = _smoothstep((times - start) / _SHUT_AFTER_S)
        opening = _smoothstep((end - times) / _OPEN_BEFORE_S)
        activity *= 1 - shutting * opening
    return activity


def long_silences(phones: tuple[Span, ...]) -> list[tuple[float, float]]:
    """Start and end in seconds of the pauses, the endless ones before and after included."""
    voiced = [phone for phone in phones if phone.label != "SIL"]
    if not voiced:
        return [(-np.inf, np.inf)]
    starts = [-np.inf, *(phone.end_s for phone in voiced)]
    ends = [*(phone.start_s for phone in voiced), np.inf]
    return [
        (start, end) for start, end in zip(starts, ends, strict=True) if end - start > MIN_PAUSE_S
    ]


def _smoothstep(x: npt.NDArray[np.floating]) -> FloatArray:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x), np.float32)
