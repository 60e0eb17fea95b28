"""LibriSpeech: read English of many speakers, with transcripts and, for some, phone times.

Utterances are `SPEAKER-CHAPTER-NUMBER.flac` (or `.opus`) beside `SPEAKER-CHAPTER.trans.txt`, in a
folder or a tar of any depth. Times come from other files, see `timed_transcript`.
Source: Panayotov et al., "LibriSpeech: an ASR corpus based on public domain audio books", ICASSP
2015.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.archive import Archive
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.timed_transcript import UNALIGNED, read_alignments
from umo_runtime.training.corpora.utterance import Utterance

TEST_SPEAKERS = frozenset({"19", "669", "5789", "4680"})
BLIND_SPEAKERS = frozenset({"1737", "226", "3664", "7312"})  # kept for blind evaluation: never read

_UTTERANCE_FILE = re.compile(r"(?P<speaker>\d+)-\d+-\d+\.(opus|flac)")


def read_librispeech(
    source: Path,
    alignment: Path | Sequence[Path] = (),
    split: Literal["train", "test"] = "train",
) -> Iterator[Utterance]:
    """Yield the utterances of one split in order of their names.

    Args:
        source: folder or tar with the recordings.
        alignment: files with times; without them nothing is aligned.
        split: `test` yields TEST_SPEAKERS, `train` the others. BLIND_SPEAKERS are in neither and
            their files are never opened.
    """
    times = read_alignments(alignment)
    with Archive(source) as archive:
        files = _files_of_split(archive, split)
        if not files:
            raise CorpusError(
                f"{source} holds no {split} utterances; expected files named like "
                "1088-134315-0000.opus, give LibriSpeech's folder or tar"
            )
        texts = _read_transcripts(archive)
        for name, (speaker, path) in files.items():
            words, phones = times.get(name, UNALIGNED)
            samples = decode_recording(archive.read(path), path)
            yield Utterance(name, speaker, samples, texts.get(name, ""), words, phones)


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
