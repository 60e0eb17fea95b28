"""The speech that `umo bench` pushes, and how a mouth moves to it when nobody is in a hurry.

A rehearsal runs a piece of speech through the embedded graph, behind silence, several times with
the sound shifted by part of a frame: wherever a server's frames fall, one of them is close.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.embedded import run_embedded
from actors.graph import build_graph
from actors.networks import Networks
from umo_runtime.audio.framing import samples_needed
from umo_runtime.audio.speech_file import read_speech
from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.clock import Clock
from umo_runtime.types import (
    FRAME_RATE_HZ,
    SAMPLE_RATE_HZ,
    AudioChunk,
    FloatArray,
    IntArray,
    MotionFrame,
)

SAMPLE = Path(__file__).parent / "demo" / "sample.ogg"
CHUNK_SAMPLES = 320
CHUNK_S = CHUNK_SAMPLES / SAMPLE_RATE_HZ
NUM_SHIFTS = 4  # rehearsals of a piece, 8 ms apart
_SILENCE_SAMPLES = 8000  # before the speech of a rehearsal; whole frames
_WINDOW_SAMPLES = 160  # 10 ms
_QUIET_WINDOWS = 15  # before an onset
_LOUD_DB, _QUIET_DB = -35.0, -45.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Mouths of a piece of speech, `NUM_SHIFTS` to a frame period.

    Attributes:
        mouths: [K, 29] float32, the channels of `MOUTH_CHANNELS`.
        needed: samples of the piece that must be there for each, [K], rising; at most 0 before it.
    """

    mouths: FloatArray
    needed: IntArray


def load_speech() -> FloatArray:
    """The shipped sample, [N] at 16 kHz."""
    return read_speech(SAMPLE).samples


def as_s16(samples: FloatArray) -> bytes:
    """Samples [N] in -1..1 as they travel."""
    return (samples * 32768).round().clip(-32768, 32767).astype("<i2").tobytes()


def onsets(speech: FloatArray) -> list[int]:
    """Samples at which speech begins after at least 150 ms of quiet."""
    whole = len(speech) // _WINDOW_SAMPLES * _WINDOW_SAMPLES
    power = np.square(speech[:whole].reshape(-1, _WINDOW_SAMPLES)).mean(axis=1)
    level_db = 10 * np.log10(power + 1e-10)
    found, quiet = [], _QUIET_WINDOWS
    for window, level in enumerate(level_db):
        if level > _LOUD_DB and quiet >= _QUIET_WINDOWS:
            found.append(window * _WINDOW_SAMPLES)
        quiet = quiet + 1 if level < _QUIET_DB else 0 if level > _LOUD_DB else quiet
    return found


def rehearse(piece: FloatArray, networks: Networks, clock: Clock) -> Rehearsal:
    """Move a mouth to a piece of speech [N] offline."""
    tracks, needed = [], []
    for shift in reversed(range(NUM_SHIFTS)):  # the later the sound, the earlier in it a frame
        late = round(shift * SAMPLE_RATE_HZ / FRAME_RATE_HZ / NUM_SHIFTS)
        silence = np.zeros(_SILENCE_SAMPLES + late, np.float32)
        track = _Mouths()
        source = _Samples(np.concatenate((silence, piece)), clock)
        run_embedded([source], build_graph(networks), [track], clock)
        tracks.append(track.rows)
        needed.append([samples_needed(frame) - len(silence) for frame in range(len(track.rows))])
    mouths = np.array(list(zip(*tracks, strict=False)))  # cut to the shortest
    return Rehearsal(
        mouths.reshape(-1, mouths.shape[-1]), np.array(list(zip(*needed, strict=False))).ravel()
    )


class _Samples:
    """Samples as a source."""

    stream = "rehearsal"

    def __init__(self, samples: FloatArray, clock: Clock) -> None:
        self._samples = samples
        self._clock = clock

    def __iter__(self) -> Iterator[AudioChunk]:
        for start in range(0, len(self._samples), CHUNK_SAMPLES):
            part = self._samples[start : start + CHUNK_SAMPLES]
            is_last = start + len(part) == len(self._samples)
            yield AudioChunk(self.stream, start, part, self._clock.now_s(), is_last)


class _Mouths:
    """A sink that keeps the mouth."""

    def __init__(self) -> None:
        self.rows: list[FloatArray] = []

    def write(self, frame: MotionFrame) -> None:
        self.rows.append(frame.blendshapes[list(MOUTH_CHANNELS)])

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass
