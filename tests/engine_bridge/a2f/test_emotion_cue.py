import pytest

pytest.importorskip("nvidia_audio2face_3d")

from engine_bridge.a2f.emotion_cue import OURS, EmotionCue, read_cue
from tests.engine_bridge.a2f.requests import emotion
from umo_runtime.errors import ServiceError


@pytest.mark.parametrize(("theirs", "ours"), OURS.items())
def test_each_of_their_ten(theirs: str, ours: str) -> None:
    assert read_cue(emotion(1.5, **{theirs: 0.5}), 0.5) == EmotionCue(1.5, ours, 0.25)
    assert len(OURS) == 10


def test_the_strongest_counts() -> None:
    assert read_cue(emotion(0, joy=0.2, grief=0.7, anger=0.6), 1.0).emotion == "sadness"
    assert read_cue(emotion(0, joy=0.4, fear=0.5), 1.0).emotion == "neutral"
    assert read_cue(emotion(0), 1.0) == EmotionCue(0.0, "neutral", 0.0)


@pytest.mark.parametrize(
    ("time_s", "values", "told"),
    [
        (-1.0, {"joy": 1.0}, "time_code of an emotion is -1.0; give seconds from 0 on"),
        (float("nan"), {"joy": 1.0}, "is nan"),
        (float("inf"), {"joy": 1.0}, "is inf"),
        (0.0, {"glee": 1.0}, "emotion is 'glee'; give one of joy, cheekiness"),
        (0.0, {"joy": 1.5}, "joy is 1.5; give a number from 0 to 1"),
        (0.0, {"joy": float("nan")}, "joy is nan"),
    ],
)
def test_emotions_that_cannot_be_shown(time_s: float, values: dict[str, float], told: str) -> None:
    with pytest.raises(ServiceError, match=told):
        read_cue(emotion(time_s, **values), 1.0)
