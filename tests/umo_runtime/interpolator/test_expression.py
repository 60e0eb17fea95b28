import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.controls import EMOTIONS, Controls, Emotion
from umo_runtime.interpolator.expression import Expression

LAYER = Expression()
AT_REST = torch.zeros(1, NUM_BLENDSHAPES)
CLOSING = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRollLower",
    "mouthRollUpper",
)
moods = [emotion for emotion in EMOTIONS if emotion != "neutral"]


def _wear(emotion: Emotion, face: Tensor = AT_REST, intensity: float = 1.0) -> dict[str, float]:
    controls = Controls(emotion=emotion, intensity=intensity).vector()
    out = LAYER(face, torch.from_numpy(controls)[None])
    return dict(zip(BLENDSHAPES, out[0].tolist(), strict=True))


def _faces(seed: int) -> Tensor:
    return torch.rand(1, NUM_BLENDSHAPES, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("emotion", "raised"),
    [
        ("joy", ("cheekSquint", "mouthSmile")),
        ("anger", ("browDown", "eyeSquint", "mouthPress")),
        ("sadness", ("mouthFrown",)),
    ],
)
def test_the_units_of_an_emotion_show_on_both_sides(
    emotion: Emotion, raised: tuple[str, ...]
) -> None:
    face = _wear(emotion)
    for name in raised:
        assert all(face[name + side] >= 0.3 for side in ("Left", "Right")), name


def test_emotions_are_told_apart() -> None:
    joy, anger, sadness = (_wear(emotion) for emotion in moods)
    assert joy["mouthSmileLeft"] > 0.4 > 0 == anger["mouthSmileLeft"] == sadness["mouthSmileLeft"]
    assert anger["browDownLeft"] > 0.5 > 0.3 > sadness["browDownLeft"] > joy["browDownLeft"] == 0
    assert sadness["browInnerUp"] > 0.5 > 0 == anger["browInnerUp"] == joy["browInnerUp"]


@given(st.integers(0, 2**31))
def test_no_emotion_changes_nothing_bit_for_bit(seed: int) -> None:
    face = _faces(seed)
    assert torch.equal(LAYER(face, torch.from_numpy(Controls().vector())[None]), face)


@given(st.integers(0, 2**31), st.sampled_from(moods), st.floats(0, 1))
def test_lips_that_close_stay_closed_and_values_stay_values(
    seed: int, emotion: Emotion, intensity: float
) -> None:
    face = _faces(seed)
    worn = _wear(emotion, face, intensity)
    for name in CLOSING:
        assert worn[name] == face[0, BLENDSHAPE_INDEX[name]]
    assert all(0 <= value <= 1 for value in worn.values())


@pytest.mark.parametrize("emotion", moods)
@pytest.mark.parametrize("busy", ["mouthPucker", "jawOpen", "mouthPressLeft"])
def test_corners_give_way_to_speech(emotion: Emotion, busy: str) -> None:
    speaking = AT_REST.clone()
    speaking[0, BLENDSHAPE_INDEX[busy]] = 0.9
    at_rest, worn = _wear(emotion), _wear(emotion, speaking)
    for name in ("mouthSmileRight", "mouthFrownRight", "mouthPressRight"):
        assert worn[name] <= 0.6 * at_rest[name]
    assert worn["browInnerUp"] == at_rest["browInnerUp"]


@given(st.sampled_from(moods), st.floats(0, 1))
def test_intensity_is_in_proportion(emotion: Emotion, intensity: float) -> None:
    full, part = _wear(emotion), _wear(emotion, intensity=intensity)
    for name, value in full.items():
        assert part[name] == pytest.approx(intensity * value, abs=1e-6)
