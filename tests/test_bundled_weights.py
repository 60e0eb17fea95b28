"""What the shipped weights must do, through the whole graph."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.motion_measures import measure
from benchmarks.quality import longest_test_utterances, measure_facegood, perform
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.audio.speech_file import read_speech
from umo_runtime.engine import Engine
from umo_runtime.engine.weights import bundled_folder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.types import FloatArray

SAMPLE = Path(__file__).parents[1] / "umo_runtime" / "cli" / "demo" / "sample.ogg"
NEIGHBOUR_BOUND = 1e-5  # batched and single matrix products add in another order


@pytest.fixture(scope="module")
def sample() -> FloatArray:
    return read_speech(SAMPLE).samples


@pytest.fixture(scope="module")
def performance(sample: FloatArray, tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return perform(sample, tmp_path_factory.mktemp("sample"))


def assert_moves_like_a_speaker(figures: dict[str, float]) -> None:
    assert figures["is_finite"] == 1
    assert figures["jaw_energy_r"] > 0.5
    assert figures["jaw_mean_silence"] < 0.03
    assert figures["jaw_max_silence"] < 0.15
    assert figures["jaw_mean_speech"] > 0.08
    assert figures["wrist_ratio"] >= 3
    assert figures["wrist_speech_m_per_s"] > 0.1
    assert 8 <= figures["blinks_per_minute"] <= 30
    assert figures["max_turn_rad_per_s"] < 15
    assert figures["foot_slide_cm_per_s"] < 2


def test_the_weights_are_small_enough_to_ship() -> None:
    size = sum(path.stat().st_size for path in bundled_folder().iterdir())
    assert size <= 24 * 2**20


def test_the_shipped_sample_moves_a_character(performance: Performance) -> None:
    assert_moves_like_a_speaker(measure(performance))


def test_the_same_seed_gives_the_same_frames(
    performance: Performance, sample: FloatArray, tmp_path: Path
) -> None:
    again, other = perform(sample, tmp_path), perform(sample, tmp_path, seed=1)
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
def test_unheard_speakers_move_a_character(data_root: Path, tmp_path: Path) -> None:
    for seed, (_, samples) in enumerate(longest_test_utterances(data_root)):
        assert_moves_like_a_speaker(measure(perform(samples, tmp_path, seed)))


@pytest.mark.data
@pytest.mark.slow
def test_the_captured_jaw_is_followed(data_root: Path, tmp_path: Path) -> None:
    figures = measure_facegood(data_root, tmp_path)
    assert figures["jaw_open_r"] >= 0.80
    assert abs(figures["jaw_open_best_lag_frames"]) <= 1
