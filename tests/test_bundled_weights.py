"""What the shipped weights must do, through the whole graph."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.pauses import longest_test_cases, pause_figures
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.audio.speech_file import read_speech
from umo_runtime.cli.model_subject import model_subject
from umo_runtime.engine import Engine
from umo_runtime.engine.weights import bundled_folder
from umo_runtime.evaluation.blinks import blink_figures
from umo_runtime.evaluation.contact import foot_contact
from umo_runtime.evaluation.dynamics import angular_speed
from umo_runtime.evaluation.lips import sound_figures
from umo_runtime.evaluation.measure import Split, measure
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case, facegood_cases
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import FloatArray

SAMPLE = Path(__file__).parents[1] / "umo_runtime" / "cli" / "demo" / "sample.ogg"
NEIGHBOUR_BOUND = 1e-5  # batched and single matrix products add in another order


@pytest.fixture(scope="module")
def sample() -> FloatArray:
    return read_speech(SAMPLE).samples


def perform(samples: FloatArray, seed: int = 0) -> Performance:
    return model_subject(None, seed).perform(Case(Utterance("sample", "sample", samples)))


@pytest.fixture(scope="module")
def performance(sample: FloatArray) -> Performance:
    return perform(sample)


def assert_moves_like_a_speaker(shown: Performance) -> None:
    for part in (shown.rotations, shown.root_position, shown.blendshapes):
        assert np.isfinite(part).all()
    figures = pause_figures(shown)
    assert figures["jaw_mean_silence"] < 0.03
    assert figures["jaw_max_silence"] < 0.15
    assert figures["jaw_mean_speech"] > 0.08
    assert figures["wrist_ratio"] >= 3
    assert figures["wrist_speech_m_per_s"] > 0.1
    assert sound_figures([shown])["jaw_energy_r"] > 0.5
    assert 8 <= blink_figures([shown])["blinks_per_minute"] <= 30
    assert angular_speed(shown).max() < 15
    assert foot_contact([shown])["foot_slide_cm_per_s"] < 2


def test_the_weights_are_small_enough_to_ship() -> None:
    size = sum(path.stat().st_size for path in bundled_folder().iterdir())
    assert size <= 24 * 2**20


def test_the_shipped_sample_moves_a_character(performance: Performance) -> None:
    assert_moves_like_a_speaker(performance)


def test_the_same_seed_gives_the_same_frames(performance: Performance, sample: FloatArray) -> None:
    again, other = perform(sample), perform(sample, seed=1)
    np.testing.assert_array_equal(again.rotations, performance.rotations)
    np.testing.assert_array_equal(again.blendshapes, performance.blendshapes)
    assert np.abs(other.rotations - performance.rotations).max() > 0.1


def _windows(samples: FloatArray, chunk: int) -> FloatArray:
    framer = SpeechFramer()
    parts = [framer.push(samples[at : at + chunk]).windows for at in range(0, len(samples), chunk)]
    return np.concatenate([*parts, framer.flush().windows])


def _tokens(engine: Engine, streams: list[str], windows: list[FloatArray]) -> list[FloatArray]:
    """Features of several streams stepped together."""
    for stream in streams:
        engine.tokenizer.admit(stream)
    steps = [
        engine.tokenizer.step(streams, np.stack([rows[step] for rows in windows]))[1]
        for step in range(min(map(len, windows)))
    ]
    return list(np.stack(steps, axis=1))


@pytest.mark.parametrize("chunk", [1, 160, 4000])
def test_speech_in_chunks_is_heard_as_speech_at_once(sample: FloatArray, chunk: int) -> None:
    short = sample[:16000]
    np.testing.assert_array_equal(_windows(short, chunk), _windows(short, len(short)))


def test_a_neighbour_changes_nothing(sample: FloatArray) -> None:
    own, other = _windows(sample[:32000], 4000), _windows(sample[32000:64000], 4000)
    alone = _tokens(Engine(capacity=1), ["a"], [own])[0]
    together = _tokens(Engine(capacity=2), ["b", "a"], [other, own])[1]
    np.testing.assert_allclose(together, alone, atol=NEIGHBOUR_BOUND * np.abs(alone).max())


@pytest.mark.data
@pytest.mark.slow
def test_unheard_speakers_move_a_character(data_root: Path) -> None:
    model = model_subject(None, seed=0)
    for case in longest_test_cases(data_root):
        assert_moves_like_a_speaker(model.perform(case))


@pytest.mark.data
@pytest.mark.slow
def test_the_captured_jaw_is_followed(data_root: Path) -> None:
    model = model_subject(None, seed=0)
    figures = measure(Split(facegood_cases(data_root)), [model]).mean["model"]
    assert figures["jaw_r"] >= 0.80
    assert abs(figures["jaw_lag"]) <= 1
