"""Does it stay itself? Twenty minutes of speech in one stream.

    python -m benchmarks.long_run ../shared/data

Joins utterances of LibriSpeech's test speakers with pauses, runs them through the graph as one
stream, and writes `benchmarks/results/long_run.json`: cost, memory, drift, and how long the arms
freeze or repeat themselves, beside the choreographer (who hears the same sound, without words).
"""

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.graph import build_graph
from benchmarks.machine import save
from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.clock import MonotonicClock
from umo_runtime.config import MANIFEST_NAME
from umo_runtime.engine import Engine
from umo_runtime.engine.weights import bundled_folder
from umo_runtime.evaluation.blinks import blink_figures
from umo_runtime.evaluation.body_baselines import choreographed
from umo_runtime.evaluation.body_space import seen_from_hips
from umo_runtime.evaluation.dynamics import angular_speed
from umo_runtime.evaluation.performance import BoolArray, Performance
from umo_runtime.skeleton import BONE_INDEX, NUM_BONES, UPPER_BODY_BONES
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.smartbody import read_smartbody
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import (
    FRAME_RATE_HZ,
    FRAMES_PER_KEYFRAME,
    SAMPLE_RATE_HZ,
    FloatArray,
    MotionFrame,
)

SPEECH = Path("speech", "librispeech-train-clean-5.tar")
MOTION = Path("motion", "smartbody-skm.tar.xz")
ARMS = [
    BONE_INDEX[side + bone]
    for side in ("Left", "Right")
    for bone in ("Shoulder", "UpperArm", "LowerArm", "Hand")
]
WRISTS = [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]
_UPPER = list(UPPER_BODY_BONES)
_MINUTE = 60 * FRAME_RATE_HZ
_WINDOW = 2 * _MINUTE
_PAUSE_S = (0.3, 3.0)
_FROZEN_RAD_PER_S = 0.02
_ALIKE_DEG = 2.0  # mean over the arms' joints
_MOVING_RAD_PER_S = 0.1  # mean over the arms' joints
_LEAST_LAG_S = 5.0  # nearer than this, slow motion would match itself


@dataclass(frozen=True, slots=True)
class Repeat:
    """A stretch of arm motion that was there before.

    Attributes:
        motion_s: how long the arms move in it; holds do not count.
        start_s: when it begins.
        earlier_s: when what it repeats began.
    """

    motion_s: float
    start_s: float
    earlier_s: float


class Recorder:
    """Keeps frames in memory that is touched beforehand, so that what grows is the system."""

    def __init__(self, frames: int) -> None:
        self.rotations = np.full((frames, NUM_BONES, 4), np.nan, np.float32)
        self.root_position = np.full((frames, 3), np.nan, np.float32)
        self.blendshapes = np.full((frames, NUM_BLENDSHAPES), np.nan, np.float32)
        self.resident_mb: list[float] = []  # after every minute
        self.processor_s = [time.process_time()]  # at the start and after every minute

    def write(self, frame: MotionFrame) -> None:
        """Keep one, and what the process uses after every minute."""
        self.rotations[frame.index] = frame.rotations
        self.root_position[frame.index] = frame.root_position
        self.blendshapes[frame.index] = frame.blendshapes
        if (frame.index + 1) % _MINUTE == 0:
            self.resident_mb.append(_resident_mb())
            self.processor_s.append(time.process_time())

    def close(self) -> None:
        """Nothing to finish."""

    def abort(self) -> None:
        """Nothing to take back."""


def joined(speech: Sequence[FloatArray], rng: np.random.Generator) -> FloatArray:
    """Speech [N] with a pause of 0.3 to 3 s after each."""
    parts = []
    for samples in speech:
        pause = np.zeros(round(rng.uniform(*_PAUSE_S) * SAMPLE_RATE_HZ), np.float32)
        parts += [samples, pause]
    return np.concatenate(parts)


def perform(samples: FloatArray) -> tuple[Performance, dict[str, Any]]:
    """One stream through the bundled networks, and what that took."""
    clock, recorder = MonotonicClock(), Recorder(num_frames(len(samples)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.wav"
        soundfile.write(file, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        report = run_embedded([FileSource(file, clock)], build_graph(Engine()), [recorder], clock)
    minutes = np.diff(recorder.processor_s) / 60
    audio_s = len(samples) / SAMPLE_RATE_HZ
    performance = Performance(
        float(FRAME_RATE_HZ),
        recorder.rotations,
        recorder.root_position,
        recorder.blendshapes,
        samples,
    )
    return performance, {
        "realtime_factor": report.wall_s / audio_s,
        "processor_share": minutes.mean(),
        "processor_share_by_minute": {"min": minutes.min(), "max": minutes.max()},
        "resident_after_minute_2_mb": recorder.resident_mb[1],
        "resident_at_end_mb": recorder.resident_mb[-1],
        "resident_growth_mb": recorder.resident_mb[-1] - recorder.resident_mb[1],
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def body_over_time(performance: Performance) -> dict[str, Any]:
    """Figures of a long body: drift of the mean pose, speed over time, freezing, repetition."""
    rotations, root = performance.rotations, performance.root_position
    early, late = slice(_MINUTE, 3 * _MINUTE), slice(len(rotations) - _WINDOW, len(rotations))
    turned = pose_change_deg(rotations[early], rotations[late])[_UPPER]
    windows = _windows(len(rotations))
    usual = [
        pose_change_deg(rotations[a], rotations[b])[_UPPER].mean()
        for i, a in enumerate(windows)
        for b in windows[:i]
    ]
    speeds = [wrist_speed(rotations[window]) for window in windows]
    frozen = still_arms(performance) & ~performance.is_silent()[1:]
    repeat = longest_repeat(rotations[:, ARMS])
    return {
        "mean_pose_drift_deg": {"mean": turned.mean(), "largest_bone": turned.max()},
        "mean_pose_change_between_any_windows_deg": {
            "median": np.median(usual),
            "max": max(usual),
        },
        "mean_hips_drift_cm": 100 * np.linalg.norm(root[early].mean(0) - root[late].mean(0)),
        "wrist_speed_m_per_s": {"min": min(speeds), "max": max(speeds), "by_window": speeds},
        "longest_frozen_in_speech_s": longest_run(frozen) / FRAME_RATE_HZ,
        "frozen_share_of_speech": frozen.sum() / (~performance.is_silent()).sum(),
        "longest_self_match": {
            "motion_s": repeat.motion_s,
            "at_s": repeat.start_s,
            "earlier_at_s": repeat.earlier_s,
        },
    }


def pose_change_deg(before: FloatArray, after: FloatArray) -> FloatArray:
    """Angle between the mean rotations of every bone in two stretches [T, 55, 4], [55] degrees."""
    cosine = np.abs((mean_rotation(before) * mean_rotation(after)).sum(axis=-1))
    return np.asarray(2 * np.degrees(np.arccos(cosine.clip(0, 1))), np.float32)


def mean_rotation(rotations: FloatArray) -> npt.NDArray[np.float64]:
    """Mean of rotations [T, 55, 4] that lie near one another, [55, 4]."""
    same_side = np.sign((rotations * rotations[:1]).sum(axis=-1, keepdims=True))
    total = (rotations * same_side).sum(axis=0, dtype=np.float64)
    return np.asarray(total / np.linalg.norm(total, axis=-1, keepdims=True))


def wrist_speed(rotations: FloatArray) -> float:
    """Mean speed of both wrists as seen from the hips, m/s."""
    wrists = seen_from_hips(rotations)[:, WRISTS]
    return float(np.linalg.norm(np.diff(wrists, axis=0), axis=-1).mean() * FRAME_RATE_HZ)


def still_arms(performance: Performance) -> BoolArray:
    """Steps between frames in which no bone of the arms turns, [T - 1]."""
    return np.asarray((angular_speed(performance)[:, ARMS] < _FROZEN_RAD_PER_S).all(axis=1))


def longest_run(mask: BoolArray) -> int:
    """Length of the longest run of True in [T]."""
    starts, ends = _runs(mask)
    return int((ends - starts).max(initial=0))


def longest_repeat(arms: FloatArray) -> Repeat:
    """The stretch that repeats an earlier one with the most motion in it.

    Two frames are alike if the joints differ by less than 2 degrees on average; a repeat is a run
    of pairs that are alike, 5 s apart or more. The later stretch is read at 7.5 Hz and compared
    with the earlier ones from any frame on. Holds may be part of it but only motion counts.

    Args:
        arms: rotations [T, J, 4] at 30 fps.
    """
    step, rate_hz = FRAMES_PER_KEYFRAME, FRAME_RATE_HZ / FRAMES_PER_KEYFRAME
    late = np.ascontiguousarray(arms[::step].transpose(1, 2, 0))
    moved = np.concatenate(([0], np.cumsum(_is_moving(arms[::step], rate_hz))))
    best = Repeat(0.0, 0.0, 0.0)
    for offset in range(step):
        early = np.ascontiguousarray(arms[offset::step].transpose(1, 2, 0))
        for lag in range(round(_LEAST_LAG_S * rate_hz), late.shape[-1]):
            starts, ends = _runs(_alike(early[..., : late.shape[-1] - lag], late[..., lag:]))
            motion = moved[ends + lag] - moved[starts + lag]
            if motion.max(initial=0) > best.motion_s * rate_hz:
                start = int(starts[motion.argmax()])
                earlier_s = (start * step + offset) / FRAME_RATE_HZ
                best = Repeat(float(motion.max() / rate_hz), (start + lag) / rate_hz, earlier_s)
    return best


def _alike(a: FloatArray, b: FloatArray) -> BoolArray:
    """Whether rotations [J, 4, T] differ by little, [T]; of small angles, twice the chord."""
    length = min(a.shape[-1], b.shape[-1])
    a, b = a[..., :length], b[..., :length]
    cosine = np.abs(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2] + a[:, 3] * b[:, 3])
    chord = np.sqrt(np.maximum(2 - 2 * cosine, 0))
    return np.asarray(2 * chord.mean(axis=0) < np.radians(_ALIKE_DEG))


def _is_moving(arms: FloatArray, rate_hz: float) -> BoolArray:
    """Whether the joints [T, J, 4] turn after each frame, [T]."""
    cosine = np.abs((arms[1:] * arms[:-1]).sum(axis=-1)).clip(0, 1)
    speed = (2 * np.arccos(cosine)).mean(axis=1) * rate_hz
    return np.append(speed > _MOVING_RAD_PER_S, False)


def _runs(mask: BoolArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """First frames of the runs of True, and the frames after their last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return edges[::2], edges[1::2]


def _windows(frames: int) -> list[slice]:
    """Two minutes each."""
    return [slice(start, start + _WINDOW) for start in range(0, frames - _WINDOW + 1, _WINDOW)]


def face_over_time(performance: Performance) -> dict[str, Any]:
    """Blinks a minute in every window."""
    rates = []
    for window in _windows(len(performance.blendshapes)):
        part = Performance(
            performance.fps,
            performance.rotations[window],
            performance.root_position[window],
            performance.blendshapes[window],
            performance.samples,
        )
        rates.append(blink_figures([part])["blinks_per_minute"])
    return {"blinks_per_minute": {"min": min(rates), "max": max(rates), "by_window": rates}}


def is_finite(performance: Performance) -> bool:
    """No frame is missing and no number is broken."""
    parts = performance.rotations, performance.root_position, performance.blendshapes
    return all(bool(np.isfinite(part).all()) for part in parts)


def rounded(value: Any) -> Any:
    """Nested figures with four decimals."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return round(float(value), 4) if isinstance(value, float | np.floating) else value


def weights_name() -> str:
    """The bundled weights by their manifest's checksum."""
    return hashlib.sha256((bundled_folder() / MANIFEST_NAME).read_bytes()).hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with motion/ and speech/")
    parser.add_argument("--minutes", type=int, default=20)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    speech = [u.samples for u in read_librispeech(arguments.data / SPEECH, split="test")]
    rng.shuffle(speech)
    samples = joined(speech, rng)[: arguments.minutes * 60 * SAMPLE_RATE_HZ]
    del speech
    weights = weights_name()
    performance, cost = perform(samples)
    baseline = choreographed(list(read_smartbody(arguments.data / MOTION)))
    rival = baseline(Utterance("long", "several", samples), np.random.default_rng(0))
    result = {
        "weights": weights,
        "audio_s": len(samples) / SAMPLE_RATE_HZ,
        "silent_share": performance.is_silent().mean(),
        "is_finite": is_finite(performance),
        **cost,
        "model": {**body_over_time(performance), **face_over_time(performance)},
        "choreographer": body_over_time(rival),
    }
    save("long_run", rounded(result))


if __name__ == "__main__":
    main()
