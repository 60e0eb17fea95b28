"""Does it move like somebody who speaks? Figures on speech that was never trained on.

    python -m benchmarks.quality ../shared/data

Runs `umo run` on utterances of LibriSpeech's test speakers and on facegood's test clip, measures
the recordings and writes `benchmarks/results/quality.json`.
"""

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.machine import save
from benchmarks.motion_measures import measure
from umo_runtime.cli.speech_job import SpeechJob, run_job
from umo_runtime.evaluation.lips import correlation_by_lag
from umo_runtime.evaluation.performance import Performance
from umo_runtime.training.corpora.facegood import read_facegood
from umo_runtime.training.corpora.librispeech import TEST_SPEAKERS, read_librispeech
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

_PER_SPEAKER = 3
_MAX_LAG = 4


def perform(samples: FloatArray, folder: Path, seed: int = 0) -> Performance:
    """Run speech through the whole graph and read the recording back."""
    speech, recording = folder / "speech.wav", folder / "take.npz"
    soundfile.write(speech, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    run_job(SpeechJob(speech, recordings=(recording,), seed=seed))
    with np.load(recording) as arrays:
        return Performance.of(arrays, samples)


def longest_test_utterances(data: Path) -> list[tuple[str, FloatArray]]:
    """The longest utterances of every test speaker."""
    archive = data / "speech" / "librispeech-train-clean-5.tar"
    everyone = sorted(read_librispeech(archive, split="test"), key=lambda u: u.speaker)
    chosen = []
    for _, own in itertools.groupby(everyone, key=lambda u: u.speaker):
        longest = sorted(own, key=lambda u: -len(u.samples))[:_PER_SPEAKER]
        chosen += [(u.name, u.samples) for u in longest]
    assert len(chosen) == _PER_SPEAKER * len(TEST_SPEAKERS)
    return chosen


def measure_librispeech(data: Path, folder: Path) -> dict[str, Any]:
    """Every figure per utterance, and over all of them."""
    rows = {
        name: measure(perform(samples, folder, seed))
        for seed, (name, samples) in enumerate(longest_test_utterances(data))
    }
    names = next(iter(rows.values())).keys()
    columns = {name: np.array([row[name] for row in rows.values()]) for name in names}
    return {
        "median": {name: round(float(np.nanmedian(v)), 4) for name, v in columns.items()},
        "worst": {
            name: [round(float(np.nanmin(v)), 4), round(float(np.nanmax(v)), 4)]
            for name, v in columns.items()
        },
        "utterances": list(rows),
    }


def measure_facegood(data: Path, folder: Path) -> dict[str, Any]:
    """Correlation with the captured face."""
    capture = next(read_facegood(data / "face" / "facegood", "test"))
    performance = perform(capture.samples, folder)
    with np.load(data / "face" / "facegood" / f"{capture.name.split('-')[-1]}.npz") as arrays:
        raw_jaw = arrays["blendshapes"][:, 74].astype(np.float32)
    by_lag = correlation_by_lag(performance.channel("jawOpen"), raw_jaw, _MAX_LAG)
    length = min(len(capture.blendshapes), len(performance.blendshapes))
    moving = [
        np.corrcoef(performance.blendshapes[:length, c], capture.blendshapes[:length, c])[0, 1]
        for c in np.flatnonzero(capture.observed)
    ]
    return {
        "jaw_open_r": round(by_lag[0], 4),
        "jaw_open_best_lag_frames": max(by_lag, key=lambda lag: by_lag[lag]),
        "moving_channels_mean_r": round(float(np.nanmean(moving)), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with face/ and speech/")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        save(
            "quality",
            {
                "librispeech_test_speakers": measure_librispeech(data, Path(folder)),
                "facegood_test_clip": measure_facegood(data, Path(folder)),
            },
        )


if __name__ == "__main__":
    main()
