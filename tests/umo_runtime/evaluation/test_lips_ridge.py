import numpy as np

from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS
from umo_runtime.evaluation.lips import pearson
from umo_runtime.evaluation.lips_ridge import RidgeLips, stacked_log_mel
from umo_runtime.types import FloatArray

JAW = BLENDSHAPE_INDEX["jawOpen"]


def take(seconds: float, seed: int) -> tuple[FloatArray, FloatArray]:
    speech = make_speech(seconds, seed)
    silent = make_face(round(30 * seconds), speech)
    return speech, make_face(
        round(30 * seconds), speech, jawOpen=(silent.level_db() + 45) / 60, browInnerUp=0.3
    ).blendshapes


def test_it_learns_a_jaw_that_follows_the_sound_and_moves_nothing_but_the_mouth() -> None:
    ridge = RidgeLips([take(8.0, 0), take(8.0, 1)])
    speech, truth = take(4.0, 2)
    made = ridge.perform(speech)
    assert made.shape == truth.shape
    assert pearson(made[:, JAW], truth[:, JAW]) > 0.95
    assert set(np.flatnonzero(made.any(axis=0))) <= set(MOUTH_CHANNELS)
    assert made.min() >= 0 and made.max() <= 1


def test_features_are_centred_on_the_frame() -> None:
    speech = np.zeros(16_000, np.float32)
    speech[8000 - 100 : 8000 + 100] = 0.5  # a click at frame 15
    loud = stacked_log_mel(speech, 30).reshape(30, 9, 64).mean(axis=2)
    assert int(loud[:, 4].argmax()) == 15
    assert int(loud[15].argmax()) == 4
    assert int(loud[12].argmax()) > 4 > int(loud[18].argmax())
