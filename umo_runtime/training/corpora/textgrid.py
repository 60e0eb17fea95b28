"""Praat TextGrid files: the timed labels of interval tiers.

Both the long and the short text form are read; point tiers are skipped. As in Praat itself, only
quoted strings and free-standing numbers count, everything else is comment.
Source: Praat manual, "TextGrid file formats".
"""

import re
from collections.abc import Iterator
from pathlib import Path

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.utterance import Span

_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<![^\s])(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?![^\s])')


def read_textgrid(path: Path) -> dict[str, tuple[Span, ...]]:
    """Read the interval tiers by name, empty labels included."""
    try:
        text = path.read_bytes()
        encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        tokens = _tokens(text.decode(encoding))
        if next(tokens) != "ooTextFile" or next(tokens) != "TextGrid":
            raise ValueError("no TextGrid header")
        return _tiers(tokens)
    except (OSError, ValueError, StopIteration) as error:
        raise CorpusError(
            f"{path} is not a TextGrid ({error or 'it ends early'}); expected Praat's text form, "
            "save it again as text"
        ) from error


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield match[2] if match[1] is None else match[1].replace('""', '"')


def _tiers(tokens: Iterator[str]) -> dict[str, tuple[Span, ...]]:
    next(tokens), next(tokens)  # start and end of the recording
    tiers = {}
    for _ in range(int(next(tokens))):
        kind, name = next(tokens), next(tokens)
        next(tokens), next(tokens)  # start and end of the tier
        size = int(next(tokens))
        if kind == "IntervalTier":
            tiers[name] = tuple([_interval(tokens) for _ in range(size)])
        else:
            for _ in range(2 * size):  # a point has a time and a label
                next(tokens)
    return tiers


def _interval(tokens: Iterator[str]) -> Span:
    start, end, label = next(tokens), next(tokens), next(tokens)
    return Span(label, float(start), float(end))
