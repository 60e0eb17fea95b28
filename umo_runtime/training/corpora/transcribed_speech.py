"""Recordings with what is said in them, of any of the corpora or of one's own.

One's own lie as `NAME.wav` (or `.flac`, `.opus`, `.ogg`, `.mp3`) beside `NAME.txt` in a folder or a
tar of any depth; the folder they lie in is their speaker.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.archive import Archive
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.ljspeech import read_ljspeech
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.utterance import Utterance

_SUFFIXES = {".wav", ".flac", ".opus", ".ogg", ".mp3"}


def read_transcribed(
    source: Path, split: Literal["train", "test"] = "train"
) -> Iterator[Utterance]:
    """Yield utterances with their text, without times.

    Args:
        source: LibriSpeech, LJ Speech, or recordings beside their texts.
        split: of LibriSpeech; others have none.
    """
    with Archive(source) as archive:
        files = [PurePosixPath(path) for path in archive.names()]
    if any(file.name.endswith(".trans.txt") for file in files):
        return read_librispeech(source, split=split)
    if any(file.name == "metadata.csv" for file in files):
        return read_ljspeech(source)
    return _read_pairs(source)


def _read_pairs(source: Path) -> Iterator[Utterance]:
    with Archive(source) as archive:
        names = archive.names()
        sounds = [path for name in names if (path := PurePosixPath(name)).suffix in _SUFFIXES]
        texts = set(names)
        pairs = [
            (path, str(path.with_suffix(".txt")))
            for path in sounds
            if str(path.with_suffix(".txt")) in texts
        ]
        if not pairs:
            raise CorpusError(
                f"{source} holds no transcribed speech; expected LibriSpeech, LJ Speech, or "
                "NAME.wav beside NAME.txt, give the folder or tar"
            )
        for path, transcript in pairs:
            samples = decode_recording(archive.read(str(path)), str(path))
            text = archive.read(transcript).decode("utf-8", "replace").strip()
            yield Utterance(path.stem, path.parent.name or source.stem, samples, text)
