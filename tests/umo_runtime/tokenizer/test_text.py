from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.errors import TextError, WeightsError
from umo_runtime.tokenizer.text import TextTokenizer, place_words, told_frame, words

TEXTS = ("The quick brown fox", "jumps over the lazy dog", "the fox isn't the dog") * 4
NUM_CODES = 300
activities = st.lists(st.booleans(), max_size=200).map(lambda frames: np.array(frames, bool))


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(TEXTS, NUM_CODES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("don't -- stop", ["don't", "stop"]),
        ("'quoted' words'", ["quoted", "words"]),
        ("naïve 42nd Straße", ["naïve", "42nd", "straße"]),
        (" \n\t…—!", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text("abc' ,.", min_size=1).filter(words), activities)
def test_words_fall_in_order_on_frames_with_speech(
    text: str, activity: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> None:
    placed = place_words(text, activity)
    if not activity.any():
        assert placed == []
        return
    frames = [frame for frame, _ in placed]
    assert [word for _, word in placed] == words(text)
    assert frames == sorted(frames)
    assert activity[frames].all()
    assert frames[0] == activity.argmax()


def test_words_take_speech_in_proportion_to_their_letters() -> None:
    activity = np.zeros(60, bool)
    activity[10:20] = activity[40:50] = True
    placed = place_words("abcd efgh ijkl mnop", activity)
    assert placed == [(10, "abcd"), (15, "efgh"), (40, "ijkl"), (45, "mnop")]
    assert place_words("a abcdefg", activity) == [(10, "a"), (14, "abcdefg")]


def test_words_are_told_half_a_second_before_they_are_spoken() -> None:
    assert [told_frame(frame) for frame in (0, 3, 16, 17, 100)] == [0, 0, 0, 1, 84]


@pytest.mark.parametrize("text", ["", "  ", "?!", "—"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="holds no word; give the words that are spoken"):
        place_words(text, np.ones(5, bool))


def test_codes_are_in_range_and_never_the_empty_one(tokenizer: TextTokenizer) -> None:
    assert 256 < tokenizer.num_codes <= NUM_CODES
    for word in ("the", "fox", "unheard", "straße", "don't", "日本"):
        codes = tokenizer.encode(word)
        assert codes
        assert all(0 < code < tokenizer.num_codes for code in codes)


def test_common_words_are_short_and_case_does_not_matter(tokenizer: TextTokenizer) -> None:
    assert len(tokenizer.encode("the")) == 1
    assert tokenizer.encode("THE") == tokenizer.encode("the")
    assert tokenizer.encode("the") != tokenizer.encode("fox")


def test_training_is_deterministic(tokenizer: TextTokenizer) -> None:
    again = TextTokenizer.train(TEXTS, NUM_CODES)
    assert [again.encode(word) for word in words(" ".join(TEXTS))] == [
        tokenizer.encode(word) for word in words(" ".join(TEXTS))
    ]


def test_a_saved_vocabulary_reads_back(tokenizer: TextTokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "text.json")
    loaded = TextTokenizer.load(tmp_path / "text.json")
    assert loaded.num_codes == tokenizer.num_codes
    for word in ("the", "quick", "unheard", "日本"):
        assert loaded.encode(word) == tokenizer.encode(word)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not json", b"\xff\xfe\x00", b"[1, 2]", b'{"model": null}', None]
)
def test_a_corrupted_vocabulary_is_a_weights_error(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "text.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        WeightsError, match=r"cannot read the text vocabulary .*; reinstall"
    ) as info:
        TextTokenizer.load(path)
    assert "\n" not in str(info.value)


@given(share=st.floats(0.0, 0.99))
def test_a_truncated_vocabulary_is_a_weights_error(
    share: float, tokenizer: TextTokenizer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "truncated.json"
    tokenizer.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError):
        TextTokenizer.load(path)


def test_a_folder_is_no_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        TextTokenizer.load(tmp_path)
