from pathlib import Path
from typing import cast

import numpy as np
import pytest
import soundfile

from tests.umo_runtime.cli.conftest import FakeText
from umo_runtime.cli.transcript import place_transcript
from umo_runtime.errors import TextError
from umo_runtime.tokenizer.text import LEAD_FRAMES, TextTokenizer

TOKENIZER = cast(TextTokenizer, FakeText())


@pytest.fixture
def pause_then_speech(tmp_path: Path) -> Path:
    """A second of silence, a second of noise."""
    samples = np.zeros(32_000)
    samples[16_000:] = np.random.default_rng(0).uniform(-0.3, 0.3, 16_000)
    soundfile.write(tmp_path / "speech.wav", samples, 16_000)
    return tmp_path / "speech.wav"


def test_words_are_spread_over_the_speech(pause_then_speech: Path) -> None:
    placed = place_transcript("one two three", pause_then_speech, TOKENIZER)
    frames = sorted(placed)
    assert frames[0] == 30 - LEAD_FRAMES
    assert frames == sorted(frames) and frames[-1] < 60
    assert [placed[frame] for frame in frames] == [
        TOKENIZER.encode(word) for word in ("one", "two", "three")
    ]


def test_words_that_share_a_frame_keep_their_order(pause_then_speech: Path) -> None:
    words = [f"word{number}" for number in range(100)]
    placed = place_transcript(" ".join(words), pause_then_speech, TOKENIZER)
    tokens = [token for frame in sorted(placed) for token in placed[frame]]
    assert tokens == [token for word in words for token in TOKENIZER.encode(word)]


def test_text_without_words_is_refused(pause_then_speech: Path) -> None:
    with pytest.raises(TextError, match="no word"):
        place_transcript(" ... ", pause_then_speech, TOKENIZER)
