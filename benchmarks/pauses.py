"""Does it come to rest in pauses? Arms and jaw, in speech and in silence.

    python -m benchmarks.pauses ../shared/data

Lets the bundled model perform the longest utterances of LibriSpeech's test speakers and writes
`benchmarks/results/pauses.json`. `umo eval` leaves silences out where it measures bodies.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.long_run import SPEECH, WRISTS, rounded, weights_name
from benchmarks.machine import save
from umo_runtime.cli.model_subject import model_subject
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case
from umo_runtime.skeleton import forward_kinematics
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import FloatArray

_PER_SPEAKER = 3


def pause_figures(performance: Performance) -> dict[str, float]:
    """Figures of one recording; those of silence, longer than 0.3 s, are NaN without any.

    - `wrist_speech_m_per_s`, `wrist_silence_m_per_s`, `wrist_ratio`: mean speed of both wrists, and
      how many times as fast they are in speech.
    - `jaw_mean_speech`, `jaw_mean_silence`, `jaw_max_silence`: jawOpen, 0 to 1; silences without
      0.12 s at either end.
    """
    silent, settled = performance.is_silent(), performance.is_settled_silence()
    positions, _ = forward_kinematics(performance.rotations, performance.root_position)
    steps = np.linalg.norm(np.diff(positions[:, WRISTS], axis=0), axis=-1)
    wrists, jaw = steps.mean(axis=1) * performance.fps, performance.channel("jawOpen")
    in_speech, in_silence = _mean(wrists[~silent[1:]]), _mean(wrists[silent[1:]])
    return {
        "wrist_speech_m_per_s": in_speech,
        "wrist_silence_m_per_s": in_silence,
        "wrist_ratio": in_speech / max(in_silence, 1e-6),
        "jaw_mean_speech": _mean(jaw[~silent]),
        "jaw_mean_silence": _mean(jaw[settled]),
        "jaw_max_silence": float(jaw[settled].max()) if settled.any() else float("nan"),
    }


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def longest_test_cases(data: Path) -> list[Case]:
    """The three longest utterances of every test speaker."""
    by_speaker: defaultdict[str, list[Utterance]] = defaultdict(list)
    for utterance in read_librispeech(data / SPEECH, split="test"):
        by_speaker[utterance.speaker].append(utterance)
    longest = (
        sorted(own, key=lambda u: -len(u.samples))[:_PER_SPEAKER]
        for _, own in sorted(by_speaker.items())
    )
    return [Case(utterance) for utterances in longest for utterance in utterances]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with speech/")
    cases = longest_test_cases(parser.parse_args().data)
    model = model_subject(None, seed=0)
    rows = [pause_figures(model.perform(case)) for case in cases]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    result = {
        "weights": weights_name(),
        "median": {name: np.nanmedian(values) for name, values in columns.items()},
        "least": {name: np.nanmin(values) for name, values in columns.items()},
        "most": {name: np.nanmax(values) for name, values in columns.items()},
        "utterances": [case.name for case in cases],
    }
    save("pauses", rounded(result))


if __name__ == "__main__":
    main()
