"""Do the lips fit the sound?

Against phone times: lips must meet for P, B and M, part for open vowels, and rest in silence.
Against a captured face: the channels must move together, at the right time.
Sources: H. McGurk and J. MacDonald, "Hearing lips and seeing voices", Nature 1976 (a bilabial whose
lips do not meet is heard as another sound); P. Edwards et al., "JALI", SIGGRAPH 2016 (which phones
must shut the lips); 50 ms is about the asynchrony of lips and sound that goes unnoticed (ITU-R
BT.1359: +45 ms, -125 ms).
"""

from collections.abc import Collection, Sequence

import numpy as np

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.evaluation.performance import BoolArray, Performance
from umo_runtime.tokenizer.phones import BILABIALS, LABIODENTALS
from umo_runtime.training.corpora.utterance import FaceCapture, Span
from umo_runtime.types import FloatArray

TOLERANCE_S = 0.05
MAX_LAG_FRAMES = 6

_SHUT = 0.05  # of an open jaw's full range: at arm's length no gap is seen
_LIP_SHUTTERS = BILABIALS | LABIODENTALS | {"SIL"}
_OPEN_VOWELS = frozenset(("AA", "AE", "AO", "AW", "AY"))
_MOUTH = list(MOUTH_CHANNELS)


def lips_together(performance: Performance) -> BoolArray:
    """Frames in which no gap is left between the lips, [T].

    `jawOpen < 0.05`, or `jawOpen - mouthClose < 0.05`: ARKit's mouthClose shuts lips over an open
    jaw.
    """
    jaw, close = performance.channel("jawOpen"), performance.channel("mouthClose")
    return np.asarray((jaw < _SHUT) | (jaw - close < _SHUT))


def phone_figures(takes: Sequence[tuple[Performance, Sequence[Span]]]) -> dict[str, float]:
    """Figures from phone times in %, over all phones or frames of performances with their phones.

    - `closures`: share of P, B and M with the lips together in some frame from 50 ms before the
      phone to 50 ms after it.
    - `closures_strict`: the same with the jaw itself shut, `jawOpen < 0.05`.
    - `open_vowels`: share of AA, AE, AO, AW and AY in which the lips part in some frame of the
      phone; a mouth that is always shut has none.
    - `shut_justified`: share of the frames with lips together that lie within 50 ms of P, B, M, F,
      V or silence.
    - `shut_in_speech`: share of the frames of all other phones with lips together.
    """
    closures, strict, vowels, shut, fair, others = [], [], [], 0, 0, []
    for performance, phones in takes:
        together = lips_together(performance)
        jaw_shut = performance.channel("jawOpen") < _SHUT
        for phone in phones:
            if phone.label in BILABIALS:
                frames = _frames(phone, performance, TOLERANCE_S)
                closures.append(bool(together[frames].any()))
                strict.append(bool(jaw_shut[frames].any()))
            elif phone.label in _OPEN_VOWELS:
                vowels.append(not together[_frames(phone, performance, 0.0)].all())
        near = _near(phones, _LIP_SHUTTERS, performance)
        shut += int(together.sum())
        fair += int((together & near).sum())
        others.append(together[~near])
    return {
        "closures": 100 * _mean(closures),
        "closures_strict": 100 * _mean(strict),
        "open_vowels": 100 * _mean(vowels),
        "shut_justified": 100 * fair / shut if shut else float("nan"),
        "shut_in_speech": 100 * _mean(np.concatenate(others)),
    }


def sound_figures(performances: Sequence[Performance]) -> dict[str, float]:
    """Figures from the sound alone.

    - `jaw_energy_r`: Pearson r of jawOpen and the level of the speech in dB (50 ms windows); median
      over recordings.
    - `silence_motion`: mean absolute change of the mouth's channels from frame to frame in silences
      longer than 0.3 s, without 0.12 s at either end, over the same in speech, %; all recordings
      together.
    """
    r = [pearson(p.channel("jawOpen"), p.level_db()) for p in performances]
    change = [np.abs(np.diff(p.blendshapes[:, _MOUTH], axis=0)).mean(axis=1) for p in performances]
    settled = [p.is_settled_silence()[1:] & p.is_settled_silence()[:-1] for p in performances]
    speech = [~p.is_silent()[1:] for p in performances]
    still = _mean(np.concatenate([c[s] for c, s in zip(change, settled, strict=True)]))
    moving = _mean(np.concatenate([c[s] for c, s in zip(change, speech, strict=True)]))
    return {
        "jaw_energy_r": float(np.median(r)),
        "silence_motion": 100 * still / moving if moving > 0 else float("nan"),
    }


def capture_figures(
    performance: Performance, capture: FaceCapture, raw_jaw: FloatArray
) -> dict[str, float]:
    """Figures against a captured face, 30 fps both.

    - `jaw_r`: Pearson r of jawOpen and the captured jaw channel before any mapping, `raw_jaw` [T].
    - `jaw_lag`: shift of jawOpen with the greatest r, frames; positive where it comes late. NaN
      for a jaw that never moves.
    - `moving_r`: mean r of the channels that move in the capture; a channel that the subject never
      moves counts as 0.
    - `r_CHANNEL`: r of each of those channels.
    """
    jaw = performance.channel("jawOpen")
    by_lag = correlation_by_lag(jaw, raw_jaw, MAX_LAG_FRAMES)
    length = min(len(capture.blendshapes), len(performance.blendshapes))
    channels = {
        f"r_{BLENDSHAPES[c]}": pearson(
            performance.blendshapes[:length, c], capture.blendshapes[:length, c]
        )
        for c in np.flatnonzero(capture.observed)
    }
    return {
        "jaw_r": by_lag[0],
        "jaw_lag": max(by_lag, key=lambda lag: by_lag[lag]) if np.ptp(jaw) else float("nan"),
        "moving_r": _mean(list(channels.values())),
        **channels,
    }


def correlation_by_lag(made: FloatArray, truth: FloatArray, max_lag: int) -> dict[int, float]:
    """Pearson r of two curves [T] by lag in frames; positive where `made` comes late."""
    length = min(len(made), len(truth))
    middle = slice(max_lag, length - max_lag)
    return {
        lag: pearson(np.roll(made[:length], -lag)[middle], truth[middle])
        for lag in range(-max_lag, max_lag + 1)
    }


def pearson(a: FloatArray, b: FloatArray) -> float:
    """Pearson correlation of two curves [T]; 0 where one of them never moves."""
    x, y = (np.asarray(curve, np.float64) for curve in (a, b))
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 1e-9 else 0.0


def _frames(phone: Span, performance: Performance, tolerance_s: float) -> slice:
    """Frames of a phone, widened on both sides; at least the nearest one."""
    fps, last = performance.fps, len(performance.blendshapes) - 1
    start = int(np.ceil((phone.start_s - tolerance_s) * fps - 1e-6))
    end = int(np.floor((phone.end_s + tolerance_s) * fps + 1e-6))
    if end < start:
        start = end = round((phone.start_s + phone.end_s) / 2 * fps)
    return slice(min(max(start, 0), last), max(end, 0) + 1)


def _near(phones: Sequence[Span], labels: Collection[str], performance: Performance) -> BoolArray:
    """Frames within the tolerance of phones of these labels, or outside of all phones, [T]."""
    near = np.ones(len(performance.blendshapes), np.bool_)
    if phones:
        near[_frames(Span("", phones[0].start_s, phones[-1].end_s), performance, 0.0)] = False
    for phone in phones:
        if phone.label in labels:
            near[_frames(phone, performance, TOLERANCE_S)] = True
    return near


def _mean(values: Sequence[float] | BoolArray | FloatArray) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
