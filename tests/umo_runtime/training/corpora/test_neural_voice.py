import sys

import numpy as np
import pytest

pytest.importorskip("pocketsphinx")

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.neural_voice import NeuralVoice


def test_a_sentence_comes_with_the_times_of_its_phones() -> None:
    pytest.importorskip("hibari")
    spoken = NeuralVoice().speak("My mother bought a map.", "a")
    assert spoken is not None
    assert [word.label for word in spoken.words] == ["my", "mother", "bought", "a", "map"]
    lips = [phone for phone in spoken.phones if phone.label in "PBM"]
    assert [phone.label for phone in lips] == list("MMBMP")
    assert spoken.phones[-1].end_s == pytest.approx(len(spoken.samples) / 16_000, abs=0.05)
    assert 0.01 < np.std(spoken.samples) < 0.5


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(CorpusError, match="pip install hibari-tts"):
        NeuralVoice()
