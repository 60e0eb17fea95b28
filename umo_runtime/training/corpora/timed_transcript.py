"""Files with the times of words and phones: one JSON object a line.

`{"id": NAME, "words": [[word, start, end], ...], "phones": [[phone, start, end], ...]}` in seconds,
silences included, plain or compressed as `.xz`. `umo align` writes it.
"""

import json
import lzma
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.utterance import Span

_NOT_WORDS = ("<", "[", "SIL")  # <sil>, <s>, [NOISE] of the aligner
_SILENCES = {"", "sil", "sp", "spn", "nsn"}  # of PocketSphinx and the Montreal aligner


class Alignment(NamedTuple):
    """Times of the words and phones of one utterance."""

    words: tuple[Span, ...]
    phones: tuple[Span, ...]


UNALIGNED = Alignment((), ())


def read_alignments(paths: Path | Sequence[Path]) -> dict[str, Alignment]:
    """Read the times of words and phones by utterance name; of a name met twice the last count."""
    paths = [paths] if isinstance(paths, Path) else paths
    return {name: times for path in paths for name, times in _read_file(path).items()}


def alignment_line(name: str, alignment: Alignment) -> str:
    """One line of such a file, with its end."""
    words, phones = (
        [[span.label, round(span.start_s, 4), round(span.end_s, 4)] for span in spans]
        for spans in alignment
    )
    return json.dumps({"id": name, "words": words, "phones": phones}) + "\n"


def spoken_words(words: Iterable[Span]) -> tuple[Span, ...]:
    """An aligner's words without silences and numbers of variants: `and(2)` is `and`."""
    return tuple(
        Span(word.label.partition("(")[0].lower(), word.start_s, word.end_s)
        for word in words
        if not word.label.startswith(_NOT_WORDS)
    )


def arpabet(label: str) -> str:
    """An aligner's phone label without its stress digit, silences as `SIL`."""
    return "SIL" if label.strip("<>+").lower() in _SILENCES else label.rstrip("012").upper()


def _read_file(path: Path) -> dict[str, Alignment]:
    try:
        data = path.read_bytes()
        text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8")
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"cannot read {path} ({error}); expected times of words and phones, make them with "
            "umo align"
        ) from error
    return dict(_read_line(path, *item) for item in enumerate(text.splitlines(), start=1))


def _read_line(path: Path, number: int, line: str) -> tuple[str, Alignment]:
    try:
        row = json.loads(line)
        phones = tuple(Span(arpabet(label), *times) for label, *times in row["phones"])
        words = spoken_words(Span(*word) for word in row["words"])
        return row["id"], Alignment(words, phones)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(
            f"{path} line {number} is not an alignment ({error!r}); expected JSON with id, words "
            "and phones, make the file again"
        ) from error
