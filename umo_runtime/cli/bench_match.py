"""What received mouths show, by comparing them with a rehearsal: no stamp of the server is read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS
from umo_runtime.cli.bench_speech import NUM_SHIFTS, Rehearsal
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray

REST = 0.05  # a mouth with all channels below is at rest
_HALF = 4  # frames of a window on either side of the one in question; 0.3 s in all
_CLOSE = 0.01  # mean distance of channels in a window up to which it is a match
_UNLIKE, _UNLIKE_BY = 1.5, 0.003  # so many times, and so much, farther all other places must be
_JAW = MOUTH_CHANNELS.index(BLENDSHAPE_INDEX["jawOpen"])
_FRAME_SAMPLES = SAMPLE_RATE_HZ / FRAME_RATE_HZ
_UNCERTAIN_SAMPLES = 16  # 1 ms

TimeArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What was received of a character, in order.

    Attributes:
        at_s: when, [N].
        mouths: [N, 29].
    """

    at_s: TimeArray
    mouths: FloatArray


def mouth(blendshapes: FloatArray) -> FloatArray:
    """The mouth's channels of [52], [29]."""
    return blendshapes[list(MOUTH_CHANNELS)]


def jaw(shape: FloatArray) -> float:
    """How far a mouth [29] is open, 0..1."""
    return float(shape[_JAW])


def is_at_rest(mouths: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether mouths [..., 29] are shut and still."""
    return np.asarray(mouths.max(axis=-1) < REST)


def needed_samples(mouths: FloatArray, rehearsal: Rehearsal) -> TimeArray:
    """Samples of the piece that each received frame needs, by what it shows.

    Args:
        mouths: received in a row, [N, 29].
        rehearsal: of the piece.

    Returns:
        [N]; NaN where the frame and its neighbours are like no place of the rehearsal, or like two.
        Frames come at a fixed rate, so what is known of all of them is put on one grid: about 10
        samples are certain.
    """
    needed = np.full(len(mouths), np.nan)
    for middle in range(_HALF, len(mouths) - _HALF):
        needed[middle] = _needed(mouths[middle - _HALF : middle + _HALF + 1], rehearsal)
    return _on_one_grid(needed)


def latencies_s(
    arrivals: Arrivals, needed: TimeArray, pushed_s: TimeArray, chunk: int
) -> TimeArray:
    """From the push of the last sample that a frame needs to its arrival.

    Frames whose last sample lies so near the end of a chunk that either could hold it are left out.

    Args:
        arrivals: N frames.
        needed: samples they need, [N], or NaN.
        pushed_s: when each chunk of the piece was pushed, [C].
        chunk: samples of a chunk.
    """
    chunks = needed / chunk
    is_certain = np.abs(chunks - np.round(chunks)) * chunk > _UNCERTAIN_SAMPLES  # false for NaN
    is_pushed = (chunks > 0) & (chunks < len(pushed_s))
    known = np.flatnonzero(is_certain & is_pushed)
    return np.asarray(arrivals.at_s[known] - pushed_s[chunks[known].astype(int)])


def first_moving_s(arrivals: Arrivals, after_s: float) -> float | None:
    """When the first frame with a moving mouth arrived after a time."""
    moving = arrivals.at_s[~is_at_rest(arrivals.mouths) & (arrivals.at_s > after_s)]
    return float(moving[0]) if len(moving) else None


def shut_s(arrivals: Arrivals, after_s: float) -> float | None:
    """When, after a time, the first of the frames arrived that are at rest from then on."""
    after = arrivals.at_s > after_s
    at_s, rest = arrivals.at_s[after], is_at_rest(arrivals.mouths[after])
    if not len(rest) or not rest[-1]:
        return None
    moving = np.flatnonzero(~rest)
    return float(at_s[moving[-1] + 1 if len(moving) else 0])


def _needed(window: FloatArray, rehearsal: Rehearsal) -> float:
    """Samples that the frame in the middle of a window [9, 29] needs; NaN if nobody can tell."""
    track, steps = rehearsal.mouths, NUM_SHIFTS * np.arange(-_HALF, _HALF + 1)
    places = np.arange(1 - steps[0], len(track) - steps[-1] - 1)
    costs = np.abs(track[places[:, None] + steps] - window).mean(axis=(1, 2))
    best = int(costs.argmin())
    is_near = np.abs(np.arange(len(costs)) - best) < 2 * NUM_SHIFTS
    next_best = costs[~is_near].min()
    if costs[best] > _CLOSE or next_best < max(_UNLIKE * costs[best], _UNLIKE_BY):
        return float("nan")
    around = places[best] + steps
    slope = (track[around + 1] - track[around - 1]) / 2
    between = float(((window - track[around]) * slope).sum() / max(1e-9, (slope**2).sum()))
    return float(rehearsal.needed[places[best]]) + between * _FRAME_SAMPLES / NUM_SHIFTS


def _on_one_grid(needed: TimeArray) -> TimeArray:
    """Round to whole frame periods and one remainder, the most usual one."""
    known = needed[~np.isnan(needed)]
    if not len(known):
        return needed
    angles = 2 * np.pi * known / _FRAME_SAMPLES
    centre = np.angle(np.exp(1j * angles).mean())
    offset = centre + np.median(np.angle(np.exp(1j * (angles - centre))))
    remainder = offset / (2 * np.pi) * _FRAME_SAMPLES
    return np.asarray(np.round((needed - remainder) / _FRAME_SAMPLES) * _FRAME_SAMPLES + remainder)
