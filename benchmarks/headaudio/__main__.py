"""Records HeadAudio, a published real-time lip-sync, on the speech that `umo eval` measures.

    python -m benchmarks.headaudio ../shared/data --folder FOLDER
    umo eval --data ../shared/data --recording headaudio=FOLDER/recordings

Needs Node 20 or newer and npm, which fetches the package into FOLDER on the first run.
"""

import argparse
import shutil
import subprocess
from pathlib import Path

import numpy as np
import soxr
from rich.progress import track

from benchmarks.headaudio.visemes import VISEMES, to_arkit
from umo_runtime.audio.framing import num_frames
from umo_runtime.evaluation.splits import (
    CONDITIONS,
    Case,
    facegood_cases,
    heard_in,
    librispeech_cases,
    training_voices,
)
from umo_runtime.evaluation.subjects import face_only
from umo_runtime.evaluation.subjects_recorded import write_performance
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

PACKAGE = "@met4citizen/headaudio"
VERSION = "0.1.0"
_SCRIPT = Path(__file__).with_name("run.mjs")
# Its gate has fixed thresholds, so all speech is brought to one level. Rate and level are those it
# did best with on training speakers (of 16, 24, 44.1 and 48 kHz; -20 and -26 dB).
_RATE_HZ = 48_000
_LEVEL_DB = -26.0
_TICKS_PER_FRAME = 2
_DELAY_TICKS = 6  # its README lets the sound wait 100 ms for the face
_TAIL_S = 0.3


def all_cases(data: Path) -> list[Case]:
    """Everything `umo eval` may ask for."""
    voices = training_voices(data)
    spoken = librispeech_cases(data)
    heard = [heard_in(case, condition, voices) for case in spoken for condition in CONDITIONS]
    return heard + facegood_cases(data)


def install(folder: Path) -> Path:
    """Fetch the package unless it is there; return its folder."""
    package = folder / "node_modules" / PACKAGE
    if not package.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "install", "--prefix", folder, f"{PACKAGE}@{VERSION}"], check=True)
    return package


def write_speech(samples: FloatArray, path: Path) -> None:
    """Write speech as the page would hear it, with a tail for the last frames."""
    gain = 10 ** (_LEVEL_DB / 20) / (np.sqrt(np.mean(np.square(samples))) + 1e-9)
    padded = np.pad(gain * samples, (0, round(_TAIL_S * SAMPLE_RATE_HZ)))
    soxr.resample(padded, SAMPLE_RATE_HZ, _RATE_HZ).astype("<f4").tofile(path)


def read_visemes(path: Path, frames: int) -> FloatArray:
    """Viseme values [T, 15] at the motion frames, as they meet the delayed sound."""
    ticks = np.fromfile(path, "<f4").reshape(-1, len(VISEMES))
    return ticks[_DELAY_TICKS + _TICKS_PER_FRAME * np.arange(frames)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with face/ and speech/")
    parser.add_argument("--folder", type=Path, required=True, help="package, speech, recordings")
    arguments = parser.parse_args()
    package = install(arguments.folder)
    speech, kept = arguments.folder / "speech", arguments.folder / "recordings"
    speech.mkdir(exist_ok=True)
    kept.mkdir(exist_ok=True)
    cases = all_cases(arguments.data)
    for case in track(cases, "writing speech"):
        write_speech(case.utterance.samples, speech / f"{case.name}.f32")
    subprocess.run(["node", _SCRIPT, package, speech, str(_RATE_HZ)], check=True)
    for case in track(cases, "recording"):
        samples = case.utterance.samples
        shown = read_visemes(speech / f"{case.name}.visemes", num_frames(len(samples)))
        write_performance(face_only(to_arkit(shown), samples), kept / f"{case.name}.npz")
    shutil.rmtree(speech)


if __name__ == "__main__":
    main()
