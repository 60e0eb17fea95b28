"""LJ Speech: one speaker reading English, with transcripts and, once aligned, phone times.

Clips are `LJ001-0001.wav` (or `.opus`, `.flac`) with `metadata.csv`, whose lines are
`clip|text as printed|text with numbers spelled out`, in a folder or a tar of any depth. Times come
from other files, see `timed_transcript`.
Source: K. Ito and L. Johnson, "The LJ Speech Dataset", 2017.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.archive import Archive
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.timed_transcript import UNALIGNED, read_alignments
from umo_runtime.training.corpora.utterance import Utterance

SPEAKER = "ljspeech"

_SUFFIXES = {".wav", ".opus", ".flac"}


def read_ljspeech(source: Path, alignment: Path | Sequence[Path] = ()) -> Iterator[Utterance]:
    """Yield the clips that are there, in order of their names, with the spelled-out text.

    Args:
        source: folder or tar with the recordings and `metadata.csv`.
        alignment: files with times; without them nothing is aligned.
    """
    times = read_alignments(alignment)
    with Archive(source) as archive:
        texts = _read_texts(archive, source)
        for path in archive.names():
            name = PurePosixPath(path)
            if name.suffix in _SUFFIXES and name.stem in texts:
                samples = decode_recording(archive.read(path), path)
                words, phones = times.get(name.stem, UNALIGNED)
                yield Utterance(name.stem, SPEAKER, samples, texts[name.stem], words, phones)


def _read_texts(archive: Archive, source: Path) -> dict[str, str]:
    tables = [path for path in archive.names() if PurePosixPath(path).name == "metadata.csv"]
    if not tables:
        raise CorpusError(
            f"{source} holds no metadata.csv; expected it beside the clips, give LJ Speech's "
            "folder or tar"
        )
    rows = (line.split("|") for line in archive.read(tables[0]).decode().splitlines())
    return {row[0]: row[-1] for row in rows}
