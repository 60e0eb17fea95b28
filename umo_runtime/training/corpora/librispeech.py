"""LibriSpeech: read English of many speakers, with transcripts and, for some, phone times.

Utterances are `SPEAKER-CHAPTER-NUMBER.flac` (or `.opus`) beside `SPEAKER-CHAPTER.trans.txt`, in a
folder or a tar of any depth. Phone times come from a second file, one JSON object a line:
`{"id": ..., "words": [[word, start, end], ...], "phones": [[phone, start, end], ...]}` in seconds.
Source: Panayotov et al., "LibriSpeech: an ASR corpus based on public domain audio books", ICASSP
2015.
"""

import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.archive import Archive
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.utterance import Span, Utterance

TEST_SPEAKERS = frozenset({"19", "669", "5789", "4680"})
BLIND_SPEAKERS = frozenset({"1737", "226", "3664", "7312"})  # kept for blind evaluation: never read

_UTTERANCE_FILE = re.compile(r"(?P<speaker>\d+)-\d+-\d+\.(opus|flac)")
_NOT_WORDS = ("<", "[", "SIL")  # <sil>, <s>, [NOISE] of the aligner
_SILENCES = {"", "sil", "sp", "spn", "nsn"}  # of PocketSphinx and the Montreal aligner


class Alignment(NamedTuple):
    """Times of the words and phones of one utterance."""

    words: tuple[Span, ...]
    phones: tuple[Span, ...]


def read_librispeech(
    source: Path, alignment: Path | None = None, split: Literal["train", "test"] = "train"
) -> Iterator[Utterance]:
    """Yield the utterances of one split in order of their names.

    Args:
        source: folder or tar with the recordings.
        alignment: JSON lines with times, plain or `.xz`; without it nothing is aligned.
        split: `test` yields TEST_SPEAKERS, `train` the others. BLIND_SPEAKERS are in neither and
            their files are never opened.
    """
    times = read_alignments(alignment) if alignment is not None else {}
    with Archive(source) as archive:
        files = _files_of_split(archive, split)
        if not files:
            raise CorpusError(
                f"{source} holds no {split} utterances; expected files named like "
                "1088-134315-0000.opus, give LibriSpeech's folder or tar"
            )
        texts = _read_transcripts(archive)
        for name, (speaker, path) in files.items():
            words, phones = times.get(name, Alignment((), ()))
            samples = decode_recording(archive.read(path), path)
            yield Utterance(name, speaker, samples, texts.get(name, ""), words, phones)


def read_alignments(path: Path) -> dict[str, Alignment]:
    """Read word and phone times by utterance name."""
    opened = lzma.open if path.suffix == ".xz" else open
    alignments = {}
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                alignments[row["id"]] = Alignment(_words(row["words"]), _phones(row["phones"]))
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(
                    f"{path} line {number} is not an alignment ({error!r}); expected JSON with id, "
                    "words and phones, make the file again"
                ) from error
    return alignments


def _words(rows: list[tuple[str, float, float]]) -> tuple[Span, ...]:
    """Words without the aligner's silences and pronunciation variants: `and(2)` is `and`."""
    return tuple(
        Span(word.partition("(")[0].lower(), start, end)
        for word, start, end in rows
        if not word.startswith(_NOT_WORDS)
    )


def _phones(rows: list[tuple[str, float, float]]) -> tuple[Span, ...]:
    return tuple(Span(arpabet(phone), start, end) for phone, start, end in rows)


def arpabet(label: str) -> str:
    """An aligner's phone label without its stress digit, silences as `SIL`."""
    return "SIL" if label.strip("<>+").lower() in _SILENCES else label.rstrip("012").upper()


def _files_of_split(archive: Archive, split: str) -> dict[str, tuple[str, str]]:
    """Speaker and path by utterance name."""
    files = {}
    for path in archive.names():
        match = _UTTERANCE_FILE.fullmatch(PurePosixPath(path).name)
        if match is None or match["speaker"] in BLIND_SPEAKERS:
            continue
        if (match["speaker"] in TEST_SPEAKERS) == (split == "test"):
            files[PurePosixPath(path).stem] = (match["speaker"], path)
    return dict(sorted(files.items()))


def _read_transcripts(archive: Archive) -> dict[str, str]:
    """Lower-case transcripts by utterance name, of everyone but the blind speakers."""
    texts = {}
    for path in archive.names():
        file = PurePosixPath(path).name
        if not file.endswith(".trans.txt") or file.partition("-")[0] in BLIND_SPEAKERS:
            continue
        for line in archive.read(path).decode().splitlines():
            name, _, text = line.partition(" ")
            texts[name] = text.lower()
    return texts
