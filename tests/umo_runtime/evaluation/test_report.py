import io

import numpy as np
import pytest
from PIL import Image

from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.evaluation.report import draw_report
from umo_runtime.stick_figure import speech_page
from umo_runtime.training.corpora.utterance import Span


@pytest.fixture(autouse=True)
def _few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time; their drawing is tested elsewhere."""
    monkeypatch.setattr(speech_page, "_NUM_FIGURES", 2)


def draw(jaw: float, *phones: Span, seconds: float = 2.0) -> Image.Image:
    target = io.BytesIO()
    frames = round(30 * seconds)
    face = make_face(frames, make_speech(seconds), jawOpen=jaw, eyeBlinkLeft=0.5)
    draw_report(face, phones, "a title", target)
    picture = Image.open(target)
    picture.load()
    return picture


def test_the_page_shows_curves_and_marks() -> None:
    plain, marked = draw(0.3), draw(0.3, Span("P", 0.8, 0.9), Span("AA", 1.0, 1.2))
    assert plain.size == marked.size
    assert plain.width == 1600
    differs = np.abs(np.asarray(plain, np.int16) - np.asarray(marked, np.int16)).any(axis=-1)
    right_of_labels = differs[:, 172:]
    columns = np.flatnonzero(right_of_labels[62:].any(axis=0)) / (1600 - 172 - 24) * 2.0
    assert 0.78 < columns.min() < columns.max() < 0.92  # only P is shaded


def height_of_the_jaw(page: Image.Image) -> int:
    """Row of the red line in the first panel of curves."""
    panel = np.asarray(page, np.int16)[660:770, 172:-24]
    is_red = (panel[..., 0] > 180) & (panel[..., 2] < 110)
    return int(is_red.sum(axis=1).argmax())


def test_the_jaw_is_drawn_where_it_is() -> None:
    low, high = height_of_the_jaw(draw(0.1)), height_of_the_jaw(draw(0.5))
    assert low - high == round(0.4 / 0.6 * 92)


def test_a_single_frame_can_be_drawn() -> None:
    assert draw(0.3, seconds=1 / 30).width == 1600
