import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.evaluation.lips import (
    capture_figures,
    correlation_by_lag,
    pearson,
    phone_figures,
    sound_figures,
)
from umo_runtime.evaluation.performance import Performance
from umo_runtime.training.corpora.utterance import FaceCapture, Span
from umo_runtime.types import FloatArray

# A P in the middle of a vowel: frames 10 to 12 at 30 fps.
PHONES = (Span("AA", 0.0, 1 / 3), Span("P", 1 / 3, 0.4), Span("AA", 0.4, 1.0))


def jaw_shut_in(*frames: int, length: int = 30) -> FloatArray:
    jaw = np.full(length, 0.4, np.float32)
    jaw[list(frames)] = 0.0
    return jaw


@pytest.mark.parametrize(
    ("frame", "hit"), [(8, 0), (9, 100), (10, 100), (13, 100), (14, 0)]
)  # 50 ms are one frame and a half
def test_a_closure_counts_within_50_ms(frame: int, hit: float) -> None:
    face = make_face(30, jawOpen=jaw_shut_in(frame))
    assert phone_figures([(face, PHONES)])["closures"] == hit


def test_lips_may_shut_over_an_open_jaw_but_not_for_the_strict_figure() -> None:
    face = make_face(30, jawOpen=0.4, mouthClose=0.4 - jaw_shut_in(11))
    figures = phone_figures([(face, PHONES)])
    assert (figures["closures"], figures["closures_strict"]) == (100, 0)
    assert figures["open_vowels"] == 100


def test_a_mouth_that_is_always_shut_gives_itself_away() -> None:
    figures = phone_figures([(make_face(30), PHONES)])
    assert figures["closures"] == figures["closures_strict"] == 100
    assert figures["open_vowels"] == 0
    assert figures["shut_justified"] == pytest.approx(100 * 5 / 30)
    assert figures["shut_in_speech"] == 100


def test_a_mouth_that_never_shuts_has_no_justification() -> None:
    figures = phone_figures([(make_face(30, jawOpen=0.4), PHONES)])
    assert figures["closures"] == figures["shut_in_speech"] == 0
    assert math.isnan(figures["shut_justified"])


def test_silence_and_the_time_after_the_last_phone_justify_shut_lips() -> None:
    phones = (Span("AA", 0.0, 0.5), Span("SIL", 0.5, 0.8))
    face = make_face(30, jawOpen=np.where(np.arange(30) < 14, 0.4, 0.0))
    assert phone_figures([(face, phones)])["shut_justified"] == 100


def test_phones_weigh_alike_over_all_performances() -> None:
    hit, miss = make_face(30), make_face(30, jawOpen=0.4)
    assert phone_figures([(hit, PHONES)] + 3 * [(miss, PHONES)])["closures"] == 25


def still_after(seconds: float, trembling: float) -> Performance:
    """Two seconds of speech, two of silence; the jaw trembles in both."""
    speech = make_speech(2.0)
    samples = np.concatenate((speech, np.zeros_like(speech)))
    shake = np.where(np.arange(120) % 2, 0.5, 0.0)
    shake[round(30 * seconds) :] *= trembling
    return make_face(120, samples, jawOpen=shake)


def test_motion_in_silence_is_a_share_of_that_in_speech() -> None:
    for share in (0.0, 0.1, 1.0):
        figures = sound_figures([still_after(2.0, share)])
        assert figures["silence_motion"] == pytest.approx(100 * share, rel=0.05)


def test_motion_while_the_mouth_is_still_shutting_does_not_count() -> None:
    assert sound_figures([still_after(2.1, 0.0)])["silence_motion"] == 0


def test_a_jaw_that_follows_the_level_correlates_with_it() -> None:
    speech = make_speech(4.0)
    level = make_face(120, speech).level_db()
    loud = make_face(120, speech, jawOpen=(level + 80) / 100)
    against = make_face(120, speech, jawOpen=-level / 100)
    assert sound_figures([loud])["jaw_energy_r"] == pytest.approx(1, abs=1e-3)
    assert sound_figures([against])["jaw_energy_r"] == pytest.approx(-1, abs=1e-3)


@given(lag=st.integers(-5, 5), seed=st.integers(0, 99))
def test_the_lag_is_found_and_positive_when_late(lag: int, seed: int) -> None:
    truth = np.random.default_rng(seed).standard_normal(200).astype(np.float32)
    by_lag = correlation_by_lag(np.roll(truth, lag), truth, 6)
    assert max(by_lag, key=lambda at: by_lag[at]) == lag
    assert by_lag[lag] == pytest.approx(1)


@given(scale=st.floats(0.1, 10), offset=st.floats(-5, 5))
def test_correlation_ignores_scale_and_offset(scale: float, offset: float) -> None:
    curve = np.sin(np.arange(50)).astype(np.float32)
    assert pearson(curve, np.float32(scale) * curve + np.float32(offset)) == pytest.approx(1)
    assert pearson(curve, np.full(50, offset, np.float32)) == 0


def make_capture() -> FaceCapture:
    blendshapes = np.zeros((90, NUM_BLENDSHAPES), np.float32)
    observed = np.zeros(NUM_BLENDSHAPES, np.bool_)
    for name, speed in (("jawOpen", 0.5), ("mouthPucker", 0.7)):
        blendshapes[:, BLENDSHAPE_INDEX[name]] = 0.3 + 0.3 * np.sin(speed * np.arange(90))
        observed[BLENDSHAPE_INDEX[name]] = True
    return FaceCapture("test", np.zeros(48_000, np.float32), blendshapes, observed)


def test_channels_are_compared_with_the_capture_and_missing_ones_count_as_zero() -> None:
    capture = make_capture()
    jaw = capture.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    figures = capture_figures(make_face(90, jawOpen=jaw), capture, 2 * jaw)
    assert figures["jaw_r"] == figures["r_jawOpen"] == pytest.approx(1)
    assert figures["jaw_lag"] == figures["r_mouthPucker"] == 0
    assert figures["moving_r"] == pytest.approx(0.5)


def test_a_jaw_that_never_moves_has_no_lag() -> None:
    capture = make_capture()
    figures = capture_figures(make_face(90), capture, capture.blendshapes[:, 0])
    assert math.isnan(figures["jaw_lag"])
