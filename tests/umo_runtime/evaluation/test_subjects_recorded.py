import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects_recorded import (
    one_recording,
    read_performance,
    recordings,
    write_performance,
)
from umo_runtime.training.corpora.utterance import Utterance

CASE = Case(Utterance("1-2-3", "1", make_speech(2.0)))


def test_recordings_are_found_by_the_name_of_the_case(tmp_path: Path) -> None:
    shown = make_face(60, CASE.utterance.samples, jawOpen=0.3)
    write_performance(shown, tmp_path / "1-2-3+noise.npz")
    noisy = replace(CASE, condition="noise")
    read = recordings("mine", tmp_path).perform(noisy)
    np.testing.assert_array_equal(read.blendshapes, shown.blendshapes)
    with pytest.raises(CorpusError, match=r"1-2-3.npz does not exist"):
        recordings("mine", tmp_path).perform(CASE)


def test_60_fps_are_brought_to_30(tmp_path: Path) -> None:
    path = tmp_path / "take.npz"
    fast = replace(make_face(119, jawOpen=np.linspace(0, 1, 119)), fps=60.0)
    write_performance(fast, path)
    read = one_recording(path).perform(CASE)
    assert read.fps == 30
    np.testing.assert_array_equal(read.channel("jawOpen"), fast.channel("jawOpen")[::2])


def write_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def write_other(path: Path, **arrays: object) -> None:
    whole = make_face(30)
    good = {name: getattr(whole, name) for name in ("rotations", "root_position", "blendshapes")}
    np.savez(path, **{"fps": 30.0, **good, **arrays})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: path.write_bytes(b""), "is not a recording"),
        (lambda path: path.write_bytes(b"garbage"), "is not a recording"),
        (write_array, "is not a recording"),
        (lambda path: np.savez(path, fps=30.0), "is not a recording"),
        (lambda path: write_other(path, fps=25.0), "at 25 fps"),
        (lambda path: write_other(path, blendshapes=np.zeros((30, 51))), "(51,)"),
        (lambda path: write_other(path, blendshapes=np.zeros((29, 52))), "every frame"),
        (lambda path: write_other(path, root_position=np.zeros(())), "expected"),
    ],
)
def test_what_is_no_recording_is_refused(
    tmp_path: Path, write: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "take.npz"
    write(path)
    with pytest.raises(CorpusError, match=re.escape(reason)):
        read_performance(path, CASE.utterance.samples)
