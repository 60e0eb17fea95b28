"""Small corpora laid out like the real ones."""

import json
import lzma
from pathlib import Path

import numpy as np
import soundfile

from tests.umo_runtime.evaluation.faces import make_speech
from umo_runtime.training.corpora import facegood

PHONES = [["SIL", 0.0, 0.3], ["AA1", 0.3, 0.8], ["P", 0.8, 0.9], ["IY0", 0.9, 1.5]]
CHANNELS = sorted({name for mixture in facegood._MIXTURES.values() for name in mixture})


def write_librispeech(data: Path, utterances: int = 3) -> None:
    """Two test speakers, two training speakers and a blind one, 2 s each, all aligned."""
    folder = data / "speech" / "librispeech-train-clean-5.tar"
    folder.mkdir(parents=True)
    rows = []
    for speaker in (19, 669, 84, 1088, 1737):
        for number in range(utterances):
            name = f"{speaker}-1-{number:04d}"
            rows.append({"id": name, "words": [["papa", 0.3, 1.5]], "phones": PHONES})
            path = folder / f"{name}.flac"
            if speaker == 1737:
                path.write_bytes(b"must never be opened")
            else:
                soundfile.write(path, make_speech(2.0, speaker + number), 16_000)
    text = "\n".join(json.dumps(row) for row in rows)
    (data / "speech" / "librispeech-align.jsonl.xz").write_bytes(lzma.compress(text.encode()))


def write_facegood(data: Path) -> None:
    """A training clip, the test clip and a blind one, 3 s each; the jaw follows the level."""
    folder = data / "face" / "facegood"
    folder.mkdir(parents=True)
    for name, seed in (("2_01", 1), ("2_04", 2)):
        speech = make_speech(3.0, seed)
        soundfile.write(folder / f"{name}.flac", speech, 16_000)
        values = np.zeros((90, len(CHANNELS)), np.float32)
        jaw = np.sin(np.pi * 4 * np.arange(90) / 30) ** 2
        values[:, CHANNELS.index("mouth_stretch_c")] = jaw * 0.5
        np.savez(folder / f"{name}.npz", blendshapes=values, channels=np.array(CHANNELS))
    (folder / "2_05.npz").write_bytes(b"must never be opened")
