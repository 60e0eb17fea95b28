import numpy as np
import pytest

from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, multiply, rotate
from umo_runtime.training.corpora.head_gestures import gesture_with_head, plan_head_gestures
from umo_runtime.training.corpora.manner import NATURAL, Manner
from umo_runtime.training.corpora.utterance import FloatArray, Span

START_S = 1.5
DURING = slice(40, 76)


def gaze_of(word: str, manner: Manner = NATURAL) -> FloatArray:
    """Where the head points, [T, 3], in the mean over many performers of one word."""
    axes = []
    for seed in range(20):
        rotations = np.tile(IDENTITY_ROTATIONS, (120, 1, 1))
        rng = np.random.default_rng(seed)
        gesture_with_head(rotations, (Span(word, START_S, START_S + 0.3),), rng, manner)
        turn = multiply(rotations[:, BONE_INDEX["Neck"]], rotations[:, BONE_INDEX["Head"]])
        axes.append(rotate(turn, np.tile(np.array((0, 0, 1), np.float32), (120, 1))))
    return np.asarray(np.mean(axes, axis=0), np.float32)


def test_a_negation_is_shaken_to_both_sides_more_than_once() -> None:
    sideways = gaze_of("not")[:, 0]
    assert sideways.max() > 0.08
    assert sideways.min() < -0.08
    turns = np.flatnonzero(np.diff(np.sign(sideways[np.abs(sideways) > 0.01])))
    assert len(turns) >= 3


@pytest.mark.parametrize(
    ("word", "axis", "sign"), [("you", 1, -1), ("me", 1, 1), ("there", 0, 1), ("right", 0, -1)]
)
def test_heads_go_where_words_point(word: str, axis: int, sign: int) -> None:
    course = sign * gaze_of(word)[:, axis]
    assert course[DURING].max() > 0.05
    assert course.min() > -0.01


def test_a_question_is_tilted_and_looked_straight_at() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (120, 1, 1))
    gesture_with_head(rotations, (Span("why", START_S, 1.8),), np.random.default_rng(1))
    turn = multiply(rotations[:, BONE_INDEX["Neck"]], rotations[:, BONE_INDEX["Head"]])
    up = rotate(turn, np.tile(np.array((0, 1, 0), np.float32), (120, 1)))
    assert np.abs(up[DURING, 0]).max() > 0.08
    np.testing.assert_allclose(rotate(turn, np.tile((0, 0, 1), (120, 1)))[:, 2], 1, atol=1e-4)


def test_other_words_and_other_times_leave_the_head_alone() -> None:
    np.testing.assert_allclose(gaze_of("table"), np.tile((0, 0, 1), (120, 1)), atol=1e-6)
    moved = np.abs(gaze_of("not")[:, 0]) > 1e-4
    assert not moved[:40].any()
    assert not moved[76:].any()


def test_the_calm_move_less() -> None:
    assert np.abs(gaze_of("not", Manner.of(0.0))).max(axis=0)[0] < 0.05


def test_gestures_do_not_overlap() -> None:
    words = [Span("no", at, at + 0.1) for at in np.arange(0.5, 10, 0.2)]
    planned = plan_head_gestures(words, np.random.default_rng(0))
    starts = np.array([start for start, _ in planned])
    lengths = np.array([gesture.duration_s for _, gesture in planned])
    assert (np.diff(starts) >= lengths[:-1] - 1e-9).all()
    assert len(planned) >= 6
