"""Puts the words that are said on the timeline of a speech file."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from umo_runtime.audio.activity import speech_activity
from umo_runtime.audio.speech_file import SpeechReader
from umo_runtime.errors import TextError
from umo_runtime.tokenizer.text import TextTokenizer, place_words, told_frame, words
from umo_runtime.training.corpora.textgrid import read_textgrid
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

_TIMED_SUFFIX = ".TextGrid"
_WORD_TIERS = ("words", "word")
_NO_WORDS = frozenset(("sil", "sp", "spn", "eps", "unk"))  # what aligners write where nobody speaks


def place_transcript(
    text: str, speech: Path, tokenizer: TextTokenizer
) -> dict[int, tuple[int, ...]]:
    """Return the text tokens of the words by the frame each word is told in.

    Raises:
        TextError: the text holds no word.
    """
    with SpeechReader(speech) as reader:
        activity = speech_activity(reader.blocks(SAMPLE_RATE_HZ))
    return _told(place_words(text, activity), tokenizer)


def place_transcript_file(
    path: Path, speech: Path, tokenizer: TextTokenizer
) -> dict[int, tuple[int, ...]]:
    """Do it for a file: words with their times in a TextGrid, or text.

    Raises:
        TextError: the file cannot be read, or holds no word.
        CorpusError: it is no TextGrid.
    """
    if path.suffix == _TIMED_SUFFIX:
        return _told(_timed_words(path), tokenizer)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(
            f"{path} cannot be read as UTF-8 text; save it again, or move it"
        ) from error
    if not words(text):
        raise TextError(f"{path} holds no word; write what is said, or remove it")
    return place_transcript(text, speech, tokenizer)


def _timed_words(path: Path) -> list[tuple[int, str]]:
    """Words and the frames they begin in."""
    tiers = read_textgrid(path)
    named = [spans for name, spans in tiers.items() if name.lower() in _WORD_TIERS]
    if not named:
        raise TextError(
            f"{path} has no tier named words, but {', '.join(tiers) or 'none'}; rename the one "
            "with the words"
        )
    return [
        (round(span.start_s * FRAME_RATE_HZ), word)
        for span in named[0]
        for word in words(span.label)
        if word not in _NO_WORDS
    ]


def _told(
    placed: Iterable[tuple[int, str]], tokenizer: TextTokenizer
) -> dict[int, tuple[int, ...]]:
    told: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for frame, word in placed:
        told[told_frame(frame)] += tokenizer.encode(word)
    return dict(told)
