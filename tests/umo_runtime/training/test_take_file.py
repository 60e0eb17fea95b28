from pathlib import Path

import numpy as np
import pytest

from tests.umo_runtime.training.test_dataset import random_take
from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.training.take_file import read_takes, save_takes


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    words = (Span("don't", 0.1234567, 0.5), Span("naïve", 1 / 3, 2 / 3))
    takes = [random_take(0, 30, words=words), random_take(1, 14, captured=True)]
    save_takes(takes, tmp_path / "takes.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["takes.npz"]
    for take, again in zip(takes, read_takes(tmp_path / "takes.npz"), strict=True):
        for text in ("name", "speaker", "words"):
            assert getattr(take, text) == getattr(again, text)
        for item in ("samples", "mouth", "mouth_weight", "phones", "pose", "controls"):
            np.testing.assert_array_equal(getattr(take, item), getattr(again, item), strict=True)


def test_saving_that_fails_leaves_the_old_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "takes.npz"
    save_takes([random_take(0)], path)
    before = path.read_bytes()

    def fail(*arguments: object, **arrays: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save_takes([random_take(1)], path)
    assert path.read_bytes() == before


def test_takes_of_another_version_are_one_line(tmp_path: Path) -> None:
    path = tmp_path / "takes.npz"
    np.savez(path, **{"0.name": np.array("a"), "0.samples": np.zeros(3)})  # type: ignore[arg-type]
    with pytest.raises(CorpusError, match=r"without .*0\.controls.*; delete it") as caught:
        read_takes(path)
    assert "\n" not in str(caught.value)
