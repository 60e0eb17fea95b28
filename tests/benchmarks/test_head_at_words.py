import numpy as np
import pytest

from benchmarks.head_at_words import head_at_words, head_speed
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.types import FloatArray

_SAMPLES = np.random.default_rng(0).normal(size=6 * 16_000).astype(np.float32) * np.float32(0.2)


def _turning(axis: int, first: int = 0, last: int = 180) -> FloatArray:
    """A head that turns by 0.02 rad a frame from one frame to another, and by 0.001 else."""
    steps = np.full(180, 0.001, np.float32)
    steps[first:last] = 0.02
    vector = np.zeros((180, 3), np.float32)
    vector[:, axis] = np.cumsum(steps)
    rotations = np.repeat(IDENTITY_ROTATIONS[None], 180, axis=0)
    rotations[:, BONE_INDEX["Head"]] = from_rotation_vector(vector)
    return rotations


def _performance(rotations: FloatArray) -> Performance:
    root, face = np.zeros((180, 3), np.float32), np.zeros((180, 52), np.float32)
    return Performance(30.0, rotations, root, face, _SAMPLES)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_speed_of_a_steady_turn(axis: int) -> None:
    expected = np.zeros(3)
    expected[axis] = 0.02 * 30
    np.testing.assert_allclose(
        head_speed(_turning(axis)), np.broadcast_to(expected, (179, 3)), atol=1e-4
    )


def test_a_head_that_turns_at_its_word_stands_out_and_one_about_another_axis_does_not() -> None:
    utterance = Utterance("u", "s", _SAMPLES, words=(Span("never", 3.0, 3.3),))
    shaking = head_at_words([[_performance(_turning(1, 88, 128))]], [utterance])
    assert shaking["no"] == shaking["all"] > 3
    elsewhere = head_at_words([[_performance(_turning(1, 0, 60))]], [utterance])
    assert elsewhere["all"] < 0.2
