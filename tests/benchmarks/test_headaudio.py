from pathlib import Path

import numpy as np
import pytest

from benchmarks.headaudio import __main__ as headaudio
from benchmarks.headaudio.visemes import VISEMES, as_markdown, shapes, to_arkit
from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.training.corpora.visemes import TARGET_ROWS
from umo_runtime.types import FloatArray

JAW, CLOSE = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthClose"]
NAMES = [name for name, _, _ in VISEMES]


def full(**strengths: float) -> FloatArray:
    """One frame with visemes at shares of their full strength."""
    values = np.zeros((1, len(VISEMES)), np.float32)
    for name, strength in strengths.items():
        index = NAMES.index(name)
        values[0, index] = strength * VISEMES[index][1]
    return values


def test_every_phone_but_the_glides_belongs_to_one_viseme() -> None:
    phones = [phone for _, _, phones in VISEMES for phone in phones]
    assert sorted(phones) == sorted(TARGET_ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_a_viseme_at_full_strength_is_its_shape(name: str) -> None:
    shape = shapes()[NAMES.index(name)]
    np.testing.assert_allclose(to_arkit(full(**{name: 1.0}))[0], shape, atol=1e-6)


def test_lips_meet_over_the_jaw_in_proportion_to_pp() -> None:
    shown = to_arkit(full(aa=0.5, PP=1.0))[0]
    assert shown[JAW] == shown[CLOSE] > 0.2
    half = to_arkit(full(aa=0.5, PP=0.5))[0]
    assert half[CLOSE] == pytest.approx(half[JAW] / 2)
    assert not to_arkit(full(sil=1.0)).any()


def test_frames_are_those_that_meet_the_delayed_sound(tmp_path: Path) -> None:
    ticks = np.arange(60, dtype="<f4")[:, None] * np.ones(len(VISEMES), "<f4")
    ticks.tofile(tmp_path / "a.visemes")
    read = headaudio.read_visemes(tmp_path / "a.visemes", 10)
    assert read[:, 0].tolist() == [6 + 2 * frame for frame in range(10)]


def test_speech_comes_at_one_level_with_a_tail(tmp_path: Path) -> None:
    headaudio.write_speech(np.full(16_000, 0.5, np.float32), tmp_path / "a.f32")
    written = np.fromfile(tmp_path / "a.f32", "<f4")
    assert len(written) == 48_000 * 1.3
    assert 20 * np.log10(written[20_000]) == pytest.approx(-26, abs=0.1)


def test_the_table_is_published() -> None:
    readme = Path(headaudio.__file__).with_name("README.md")
    assert as_markdown() in readme.read_text()
