import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.phones import BILABIALS, LABIODENTALS
from umo_runtime.training.corpora.articulation import articulate, long_silences
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.training.corpora.visemes import PHONES

FloatArray = npt.NDArray[np.float32]


def _utterance(*phones: tuple[str, float], level: float = 0.1) -> Utterance:
    """Phones with their durations over noise that is loud wherever there is no silence."""
    spans, pieces, now = [], [], 0.0
    rng = np.random.default_rng(0)
    for label, seconds in phones:
        spans.append(Span(label, now, now + seconds))
        pieces.append(
            (1e-4 if label == "SIL" else level) * rng.normal(size=round(16_000 * seconds))
        )
        now += seconds
    return Utterance("u", "s", np.concatenate(pieces).astype(np.float32), phones=tuple(spans))


def _perform(*phones: tuple[str, float]) -> FloatArray:
    utterance = _utterance(*phones)
    return articulate(utterance, -(-len(utterance.samples) * 30 // 16_000))


def _frames(start_s: float, end_s: float) -> slice:
    return slice(int(np.ceil(start_s * 30)), int(end_s * 30) + 1)


def _channel(blendshapes: FloatArray, name: str) -> FloatArray:
    return blendshapes[:, BLENDSHAPE_INDEX[name]]


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(PHONES)), st.floats(0.03, 0.4)), min_size=1, max_size=30
    )
)
def test_values_stay_in_range_and_contacts_are_reached(phones: list[tuple[str, float]]) -> None:
    utterance = _utterance(*phones)
    num_frames = -(-len(utterance.samples) * 30 // 16_000) + 2
    made = articulate(utterance, num_frames)
    assert made.shape == (num_frames, 52)
    assert np.isfinite(made).all()
    assert made.min() >= 0
    assert made.max() <= 1
    aperture = _channel(made, "jawOpen") - _channel(made, "mouthClose")
    assert aperture.min() >= -1e-6
    for phone in utterance.phones:
        frame = round((phone.start_s + phone.end_s) * 15)
        if phone.label in BILABIALS:
            assert aperture[frame] < 1e-6
        if phone.label in BILABIALS | LABIODENTALS:
            assert _channel(made, "jawOpen")[frame] < 0.2
            assert _channel(made, "mouthRollLower")[frame] > 0 or aperture[frame] == 0


def test_closure_between_open_vowels_is_pressed_shut() -> None:
    made = _perform(("SIL", 0.5), ("AA", 0.2), ("P", 0.08), ("AA", 0.2), ("SIL", 0.5))
    jaw, press = _channel(made, "jawOpen"), _channel(made, "mouthPressLeft")
    assert jaw[_frames(0.55, 0.7)].max() > 0.3
    assert jaw[_frames(0.7, 0.78)].min() < 0.01
    assert press[_frames(0.7, 0.78)].max() == pytest.approx(0.3)
    assert jaw[_frames(0.78, 0.98)].max() > 0.3


def test_labiodental_tucks_the_lower_lip() -> None:
    made = _perform(("SIL", 0.4), ("AE", 0.2), ("F", 0.1), ("AE", 0.2), ("SIL", 0.4))
    held = _frames(0.62, 0.68)
    assert _channel(made, "mouthRollLower")[held].max() > 0.3
    assert _channel(made, "mouthLowerDownLeft")[held].min() < 0.02
    assert _channel(made, "jawOpen")[held].max() < 0.1


def test_rounding_starts_before_the_rounded_vowel() -> None:
    made = _perform(("SIL", 0.4), ("AA", 0.1), ("T", 0.06), ("UW", 0.2), ("SIL", 0.4))
    pucker = _channel(made, "mouthPucker")
    plain = _perform(("SIL", 0.4), ("AA", 0.1), ("T", 0.06), ("IY", 0.2), ("SIL", 0.4))
    assert pucker[_frames(0.6, 0.7)].max() > 0.45
    assert pucker[_frames(0.51, 0.55)].min() > 0.1
    assert _channel(plain, "mouthPucker").max() < 0.01
    assert _channel(plain, "mouthStretchLeft")[_frames(0.6, 0.7)].max() > 0.2


def test_tongue_shows_in_th() -> None:
    made = _perform(("AA", 0.2), ("TH", 0.12), ("AA", 0.2))
    assert 0.1 < _channel(made, "tongueOut").max() < 0.3


def test_mouth_rests_in_silence_and_opens_shortly_before_the_sound() -> None:
    made = _perform(("SIL", 1.0), ("AA", 0.3), ("SIL", 1.0), ("AA", 0.3))[:, MOUTH_CHANNELS]
    assert not made[: int(0.9 * 30)].any()
    assert made[int(0.96 * 30) + 1].any()
    assert not made[_frames(1.46, 2.19)].any()


def test_short_silence_is_bridged() -> None:
    made = _perform(("AA", 0.3), ("SIL", 0.1), ("AA", 0.3))
    assert _channel(made, "jawOpen").min() > 0.01


def test_loud_vowels_open_wider() -> None:
    vowels = _utterance(("SIL", 0.5), ("AE", 0.3), ("SIL", 0.5), ("AE", 0.3), ("SIL", 0.5))
    samples = vowels.samples.copy()
    samples[: int(1.0 * 16_000)] *= 0.3
    quieter = Utterance("u", "s", samples, phones=vowels.phones)
    jaw = _channel(articulate(quieter, 57), "jawOpen")
    assert jaw[_frames(0.5, 0.8)].max() < 0.8 * jaw[_frames(1.3, 1.6)].max()


def test_no_articulator_but_the_mouth_moves() -> None:
    made = _perform(*((phone, 0.1) for phone in sorted(PHONES)))
    others = sorted(set(range(len(BLENDSHAPES))) - set(MOUTH_CHANNELS))
    assert not made[:, others].any()


def test_silences_include_both_ends() -> None:
    phones = _utterance(("SIL", 0.1), ("AA", 0.2), ("SIL", 0.2), ("AA", 0.2), ("SIL", 0.4)).phones
    np.testing.assert_allclose(long_silences(phones), [(-np.inf, 0.1), (0.7, np.inf)])
    assert long_silences((Span("SIL", 0, 1),)) == [(-np.inf, np.inf)]


def test_unknown_phone_is_refused() -> None:
    with pytest.raises(CorpusError, match="'AA1' is not known"):
        _perform(("AA1", 0.2))
