from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.interpolator.blink import lid_closure
from umo_runtime.interpolator.gaze import EYE_RANGE_RAD
from umo_runtime.training.corpora.articulation import articulate
from umo_runtime.training.corpora.face_teacher import FaceTeacher
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.looks import Look
from umo_runtime.training.corpora.prosody import energy_db, num_frames
from umo_runtime.training.corpora.utterance import FacePerformance, Span, Utterance

LABELS = ("SIL", "SIL", "M", "AA", "P", "IY", "S", "UW", "SIL", "SIL")
LISTENING = Controls(state="listening")
_SILENCE = np.zeros(64_000, np.float32)
PHONES = tuple(Span(label, 0.2 * n, 0.2 * n + 0.2) for n, label in enumerate(LABELS))


def _utterance(phones: tuple[Span, ...] = PHONES) -> Utterance:
    samples = 0.1 * np.random.default_rng(0).normal(size=32_000).astype(np.float32)
    samples[:6400] = samples[-6400:] = 0
    return Utterance("u", "s", samples, phones=phones)


def _phrases() -> Utterance:
    """Forty seconds of noise, on for two seconds and off for one."""
    samples = 0.1 * np.random.default_rng(0).normal(size=640_000).astype(np.float32)
    samples[np.arange(640_000) % 48_000 > 32_000] = 0
    return Utterance("u", "s", samples, phones=PHONES)


def _perform(utterance: Utterance, num: int = 60, seed: int = 0) -> FacePerformance:
    return FaceTeacher().perform(utterance, num, np.random.default_rng(seed))


def _channel(performance: FacePerformance, name: str) -> np.ndarray:
    return performance.blendshapes[:, BLENDSHAPE_INDEX[name]]


@pytest.mark.parametrize("num", [1, 60, 300])
def test_shapes_and_ranges(num: int) -> None:
    made = _perform(_utterance(), num)
    assert made.blendshapes.shape == (num, 52)
    assert made.blink_phase.shape == (num,)
    assert made.gaze_rad.shape == (num, 2)
    for track in (made.blendshapes, made.blink_phase):
        assert track.dtype == np.float32
        assert track.min() >= 0
        assert track.max() <= 1


def test_same_seed_same_face() -> None:
    first, again, other = (_perform(_utterance(), seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.blendshapes, again.blendshapes)
    np.testing.assert_array_equal(first.gaze_rad, again.gaze_rad)
    assert (first.gaze_rad != other.gaze_rad).any()


def test_mouth_is_the_articulation_with_a_faint_smile() -> None:
    utterance = _utterance()
    made = _perform(utterance)
    smiles = [BLENDSHAPE_INDEX[f"mouthSmile{side}"] for side in ("Left", "Right")]
    mouth = [channel for channel in MOUTH_CHANNELS if channel not in smiles]
    np.testing.assert_array_equal(made.blendshapes[:, mouth], articulate(utterance, 60)[:, mouth])
    assert 0 < made.blendshapes[0, smiles[0]] <= 0.12


def test_without_phones_the_mouth_stays_zero_and_the_rest_moves() -> None:
    made = _perform(_utterance(phones=()), 300)
    assert not made.blendshapes[:, MOUTH_CHANNELS].any()
    assert _channel(made, "eyeBlinkLeft").max() > 0.8
    assert _channel(made, "browInnerUp").max() > 0


def test_eyes_follow_the_gaze_and_lids_blink() -> None:
    made = _perform(_utterance(), 600)
    yaw, pitch = made.gaze_rad.T / EYE_RANGE_RAD
    left = _channel(made, "eyeLookOutLeft") - _channel(made, "eyeLookInLeft")
    right = _channel(made, "eyeLookInRight") - _channel(made, "eyeLookOutRight")
    np.testing.assert_allclose(left, yaw, atol=1e-6)
    np.testing.assert_allclose(right, yaw, atol=1e-6)
    up = _channel(made, "eyeLookUpLeft") - _channel(made, "eyeLookDownLeft")
    np.testing.assert_allclose(up, pitch, atol=1e-6)
    assert (_channel(made, "eyeBlinkRight") >= lid_closure(made.blink_phase) - 1e-6).all()


def test_all_but_unused_channels_move() -> None:
    made = _perform(_utterance(), 900)
    moving = {BLENDSHAPES[index] for index in np.flatnonzero(np.ptp(made.blendshapes, axis=0))}
    assert {"jawOpen", "mouthClose", "browInnerUp", "cheekSquintLeft", "eyeWideLeft"} <= moving
    assert not moving & {"cheekPuff", "jawForward", "noseSneerLeft"}


def test_who_listens_keeps_the_mouth_shut_and_looks_at_the_speaker() -> None:
    listening = [
        FaceTeacher().perform(_phrases(), 1200, np.random.default_rng(seed), LISTENING)
        for seed in range(6)
    ]
    speaking = [_perform(_phrases(), 1200, seed) for seed in range(6)]
    away = [
        np.mean([(np.abs(made.gaze_rad[:, 0]) > 0.06).mean() for made in kind])
        for kind in (listening, speaking)
    ]
    assert away[0] < 0.5 * away[1]
    for made in listening:
        assert not made.blendshapes[:, MOUTH_CHANNELS].any()
        assert 3 < (np.diff(made.blink_phase) < 0).sum() < 25
    assert max(float(_channel(made, "browInnerUp").max()) for made in listening) > 0.15


def test_who_waits_follows_the_looks_and_keeps_the_mouth_shut() -> None:
    silence = Utterance("u", "s", _SILENCE, phones=(Span("SIL", 0.0, 4.0),))
    looks = (Look(40, 0.5, 0.0),)
    made = FaceTeacher().perform(
        silence, 120, np.random.default_rng(0), Controls(state="idle"), looks
    )
    assert made.gaze_rad[40, 0] > 0.2
    assert _channel(made, "jawOpen").max() == 0


def test_questions_raise_the_brows_of_who_asks() -> None:
    def risen(label: str, controls: Controls = NEUTRAL) -> float:
        """Mean height of the inner brows about a word said at 2 s, over many faces."""
        utterance = Utterance("u", "s", _SILENCE, words=(Span(label, 2.0, 2.2),))
        faces = (
            FaceTeacher().perform(utterance, 120, np.random.default_rng(seed), controls)
            for seed in range(8)
        )
        return float(np.mean([_channel(made, "browInnerUp")[58:66].mean() for made in faces]))

    assert risen("why") > risen("table") + 0.15
    assert risen("why", LISTENING) == risen("table", LISTENING)


def test_calm_brows_move_less() -> None:
    calm, natural = (
        FaceTeacher().perform(_utterance(), 60, np.random.default_rng(0), controls)
        for controls in (Controls(0.0), NEUTRAL)
    )
    assert _channel(calm, "browInnerUp").sum() < 0.5 * _channel(natural, "browInnerUp").sum()
    np.testing.assert_array_equal(calm.gaze_rad, natural.gaze_rad)


@pytest.mark.data
def test_real_speech(data_root: Path) -> None:
    speech = data_root / "speech"
    corpus = read_librispeech(
        speech / "librispeech-train-clean-5.tar", speech / "librispeech-align.jsonl.xz"
    )
    correlations = []
    for utterance in islice((spoken for spoken in corpus if spoken.phones), 5):
        made = _perform(utterance, num_frames(utterance.samples))
        jaw = _channel(made, "jawOpen")
        correlations.append(np.corrcoef(jaw, energy_db(utterance.samples))[0, 1])
        for phone in utterance.phones:
            if phone.label in {"P", "B", "M"}:
                first, last = int(phone.start_s * 30 - 1.5), int(phone.end_s * 30 + 1.5)
                aperture = jaw - _channel(made, "mouthClose")
                assert aperture[max(first, 0) : last + 1].min() < 0.05
    assert np.mean(correlations) > 0.6
