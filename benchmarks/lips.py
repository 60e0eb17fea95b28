"""How well do lips fit the sound, beside all baselines? The table of `umo eval`, kept.

    python -m benchmarks.headaudio ../shared/data --folder FOLDER
    python -m benchmarks.lips ../shared/data --headaudio FOLDER/recordings

Lets the bundled model, ridge regression, HeadAudio and others perform all aligned utterances of
LibriSpeech's test speakers and facegood's test clip, and writes `benchmarks/results/lips.json`.
"""

import argparse
import hashlib
from pathlib import Path

from rich.progress import Progress

from benchmarks.machine import save
from umo_runtime.cli.model_subject import model_subject
from umo_runtime.config import MANIFEST_NAME
from umo_runtime.engine.weights import bundled_folder
from umo_runtime.evaluation.measure import Split, measure
from umo_runtime.evaluation.splits import facegood_cases, librispeech_cases, training_voices
from umo_runtime.evaluation.subjects import face_teacher, loudness, ridge, shut_mouth
from umo_runtime.evaluation.subjects_recorded import recordings
from umo_runtime.evaluation.table import as_json, as_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with face/ and speech/")
    parser.add_argument("--headaudio", type=Path, help="what benchmarks.headaudio recorded")
    parser.add_argument("--weights", type=Path, default=bundled_folder())
    arguments = parser.parse_args()
    subjects = [model_subject(arguments.weights, seed=0), ridge(arguments.data)]
    if arguments.headaudio is not None:
        subjects.append(recordings("headaudio", arguments.headaudio))
    subjects += [loudness(), shut_mouth()]
    spoken = Split(librispeech_cases(arguments.data), training_voices(arguments.data))
    captured = Split(facegood_cases(arguments.data))
    told = [*subjects, face_teacher()]
    with Progress() as progress:
        total = spoken.num_performances(told) + captured.num_performances(subjects)
        task = progress.add_task("performing", total=total)
        of_speech = measure(spoken, told, lambda: progress.advance(task))
        of_capture = measure(captured, subjects, lambda: progress.advance(task))
    manifest = (arguments.weights / MANIFEST_NAME).read_bytes()
    save(
        "lips",
        {
            "weights": hashlib.sha256(manifest).hexdigest()[:12],
            "utterances": len(spoken.cases),
            "librispeech_test": as_json(of_speech),
            "facegood_test": as_json(of_capture),
        },
    )
    print(f"\n{as_text(of_speech)}\n\n{as_text(of_capture)}")


if __name__ == "__main__":
    main()
