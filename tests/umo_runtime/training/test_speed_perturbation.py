import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.training.speed_perturbation import SPEEDS, perturb

CLICKS_S = (0.2, 0.55, 0.9)
speeds = st.floats(*SPEEDS)


def clicks() -> Utterance:
    samples = np.zeros(16_000, np.float32)
    samples[[round(at * 16_000) for at in CLICKS_S]] = 0.5
    spans = tuple(Span("P", at, at + 0.05) for at in CLICKS_S)
    return Utterance("a", "b", samples, "p p p", spans, spans)


@given(speeds)
def test_labels_stay_on_their_sounds(speed: float) -> None:
    played = perturb(clicks(), speed)
    assert abs(len(played.samples) * speed - 16_000) <= 2
    for span in played.phones:
        around = slice(max(0, round(span.start_s * 16_000) - 400), None)
        loudest = np.abs(played.samples[around][:800]).argmax() + around.start
        assert abs(loudest / 16_000 - span.start_s) < 1e-3
        assert span.end_s - span.start_s == pytest.approx(0.05 / speed)
    assert played.words == played.phones


@given(speeds)
def test_pitch_goes_with_speed(speed: float) -> None:
    tone = np.sin(2 * np.pi * 400 * np.arange(16_000) / 16_000).astype(np.float32)
    played = perturb(Utterance("a", "b", tone), speed).samples
    spectrum = np.abs(np.fft.rfft(played * np.hanning(len(played)), 160_000))
    assert spectrum.argmax() / 10 == pytest.approx(400 * speed, abs=1.0)
    assert played.dtype == np.float32


def test_original_speed_changes_nothing_and_another_is_another_speaker() -> None:
    original = clicks()
    assert perturb(original, 1.0) is original
    assert perturb(original, 1.1).speaker != original.speaker
    assert perturb(original, 1.1).text == original.text
