"""Byte-pair text tokens and where on the timeline they fall. Code 0 means "no word"."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from umo_runtime.errors import TextError, WeightsError

# Words are told this long before they are spoken, where they are known: a gesture sets off before
# its word (D. McNeill, "Hand and Mind", 1992).
LEAD_FRAMES = 16
_WORD = re.compile(r"\w+(?:'\w+)*")
_NO_WORD = "<none>"


class TextTokenizer:
    """Words to byte-pair codes."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, path: Path) -> "TextTokenizer":
        """Read a vocabulary.

        Raises:
            WeightsError: the file is missing or not a vocabulary.
        """
        try:
            return cls(Tokenizer.from_file(str(path)))
        except Exception as error:  # the library raises bare Exception
            raise WeightsError(
                f"cannot read the text vocabulary {path}: {error}; reinstall umo-runtime"
            ) from error

    @classmethod
    def train(cls, texts: Iterable[str], num_codes: int) -> "TextTokenizer":
        """Learn a vocabulary of at most `num_codes` codes from transcripts."""
        tokenizer = Tokenizer(BPE())
        tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
        tokenizer.decoder = ByteLevelDecoder()
        trainer = BpeTrainer(
            vocab_size=num_codes,
            special_tokens=[_NO_WORD],
            initial_alphabet=ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator((" ".join(words(text)) for text in texts), trainer)
        return cls(tokenizer)

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        self._tokenizer.save(str(path))

    @property
    def num_codes(self) -> int:
        """Size of the vocabulary, "no word" included."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, word: str) -> tuple[int, ...]:
        """Codes of one word, lower-cased."""
        return tuple(self._tokenizer.encode(word.lower()).ids)


def told_frame(start_frame: int) -> int:
    """Frame in which to tell a word that is spoken from `start_frame` on."""
    return max(0, start_frame - LEAD_FRAMES)


def words(text: str) -> list[str]:
    """Split a transcript into lower-case words without punctuation."""
    return _WORD.findall(text.lower())


def place_words(text: str, activity: npt.NDArray[np.bool_]) -> list[tuple[int, str]]:
    """Spread the words of an untimed transcript over the frames that hold speech.

    A word takes a share of the speech in proportion to its letters, which is within about a
    syllable of a forced alignment for read speech.

    Args:
        text: transcript.
        activity: [T] whether each 1/30 s frame holds speech.

    Returns:
        (frame, word) pairs in order.

    Raises:
        TextError: the text holds no word.
    """
    spoken = words(text)
    if not spoken:
        raise TextError(f"--text is {text!r}, which holds no word; give the words that are spoken")
    frames = np.flatnonzero(activity)
    if frames.size == 0:
        return []
    lengths = np.array([len(word) + 1 for word in spoken], dtype=np.float64)
    starts = np.concatenate(([0.0], np.cumsum(lengths)[:-1])) / lengths.sum()
    return [
        (int(frames[int(start * frames.size)]), word)
        for start, word in zip(starts, spoken, strict=True)
    ]
