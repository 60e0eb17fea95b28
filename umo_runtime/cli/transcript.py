"""Puts the words of an untimed transcript on the timeline of a speech file."""

from collections import defaultdict
from pathlib import Path

from umo_runtime.audio.activity import speech_activity
from umo_runtime.audio.speech_file import SpeechReader
from umo_runtime.tokenizer.text import TextTokenizer, place_words, told_frame
from umo_runtime.types import SAMPLE_RATE_HZ


def place_transcript(
    text: str, speech: Path, tokenizer: TextTokenizer
) -> dict[int, tuple[int, ...]]:
    """Return the text tokens of the words by the frame each word is told in.

    Raises:
        TextError: the text holds no word.
    """
    with SpeechReader(speech) as reader:
        activity = speech_activity(reader.blocks(SAMPLE_RATE_HZ))
    placed: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for frame, word in place_words(text, activity):
        placed[told_frame(frame)] += tokenizer.encode(word)
    return dict(placed)
