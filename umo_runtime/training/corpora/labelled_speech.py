"""A folder of speech with the times of its phones, which is how generated voices are kept.

Recordings `SPEAKER-NUMBER.opus` (or `.flac`, `.wav`) lie beside `alignment.jsonl`, see
`timed_transcript`. The text of an utterance is that of its words.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.timed_transcript import (
    Alignment,
    alignment_line,
    read_alignments,
)
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import SAMPLE_RATE_HZ

TIMES_FILE = "alignment.jsonl"

_SUFFIXES = (".opus", ".flac", ".wav")
_COMPRESSION = 0.93  # of libsndfile, 0..1: about 24 kbit/s of Opus


def read_labelled_speech(folder: Path) -> Iterator[Utterance]:
    """Yield the utterances in order of their names."""
    if not (folder / TIMES_FILE).is_file():
        raise CorpusError(
            f"{folder} holds no {TIMES_FILE}; expected it beside the recordings, make it with "
            "umo align"
        )
    for name, (words, phones) in sorted(read_alignments(folder / TIMES_FILE).items()):
        path = _recording(folder, name)
        samples = decode_recording(path.read_bytes(), str(path))
        text = " ".join(word.label for word in words)
        yield Utterance(name, name.rpartition("-")[0], samples, text, words, phones)


def write_labelled_speech(folder: Path, utterances: Iterable[Utterance]) -> None:
    """Write utterances as Opus with their times; their names become `SPEAKER-NUMBER`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / TIMES_FILE).open("w", encoding="utf-8") as times:
        for number, utterance in enumerate(utterances):
            name = f"{utterance.speaker}-{number:04}"
            soundfile.write(
                folder / f"{name}.opus",
                utterance.samples,
                SAMPLE_RATE_HZ,
                format="OGG",
                subtype="OPUS",
                compression_level=_COMPRESSION,
            )
            times.write(alignment_line(name, Alignment(utterance.words, utterance.phones)))


def _recording(folder: Path, name: str) -> Path:
    for suffix in _SUFFIXES:
        if (path := folder / f"{name}{suffix}").is_file():
            return path
    raise CorpusError(
        f"{folder} holds no recording of {name}; expected {name}{_SUFFIXES[0]}, make it again or "
        f"take its line out of {TIMES_FILE}"
    )
