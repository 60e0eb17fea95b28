from itertools import islice

import numpy as np

from umo_runtime.training.corpora.lip_sentences import lip_sentences


def test_sentences_are_rich_in_lip_sounds_and_vary() -> None:
    sentences = list(islice(lip_sentences(np.random.default_rng(0)), 300))
    assert len(set(sentences)) > 280
    letters = [letter for sentence in sentences for letter in sentence.lower() if letter.isalpha()]
    share = sum(letter in "pbmfv" for letter in letters) / len(letters)
    assert share > 0.15  # about 0.09 in read books
    assert not any("{" in sentence for sentence in sentences)


def test_chance_is_the_generators() -> None:
    once, again = (next(lip_sentences(np.random.default_rng(3))) for _ in range(2))
    assert once == again
