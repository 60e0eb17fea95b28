from typing import Any

import numpy as np
import pytest

pytest.importorskip("nvidia_audio2face_3d")

from nvidia_audio2face_3d.messages_pb2 import (
    BlendShapeParameters,
    EmotionPostProcessingParameters,
    FaceParameters,
)

from engine_bridge.a2f.clip_header import BLENDSHAPE_NAMES, read_header
from tests.engine_bridge.a2f.requests import clip_header
from umo_runtime.errors import ServiceError

HALF = np.full(52, 0.5, np.float32)


def shapes(**given: Any) -> BlendShapeParameters:
    return BlendShapeParameters(**given)


def test_names_are_those_of_the_protos() -> None:
    assert BLENDSHAPE_NAMES[:2] == ("EyeBlinkLeft", "EyeLookDownLeft")
    assert BLENDSHAPE_NAMES[17] == "JawOpen"
    assert BLENDSHAPE_NAMES[-1] == "TongueOut"
    assert len(set(BLENDSHAPE_NAMES)) == 52


def test_a_plain_header_leaves_everything_as_it_is() -> None:
    read = read_header(clip_header(44_100))
    assert read.rate_hz == 44_100
    assert read.emotion_strength == 0.6
    np.testing.assert_array_equal(read.blendshapes(HALF), HALF)


@pytest.mark.parametrize(("is_clamped", "open_jaw"), [(None, 1.7), (False, 1.7), (True, 1.0)])
def test_multipliers_offsets_and_clamping(is_clamped: bool | None, open_jaw: float) -> None:
    """The example in the protos: 0.9 * 3 - 1 = 1.7, which is cut to 1."""
    given = shapes(
        bs_weight_multipliers={"JawOpen": 3.0, "TongueTipUp": 9.0},
        bs_weight_offsets={"JawOpen": -1.0, "MouthClose": -0.95},
        enable_clamping_bs_weight=is_clamped,
    )
    read = read_header(clip_header(blendshape_params=given))
    adjusted = dict(
        zip(BLENDSHAPE_NAMES, read.blendshapes(np.full(52, 0.9, np.float32)), strict=True)
    )
    assert adjusted["JawOpen"] == pytest.approx(open_jaw)
    assert adjusted["MouthClose"] == pytest.approx(0.0 if is_clamped else -0.05, abs=1e-6)
    assert adjusted["CheekPuff"] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("given", "strength"),
    [
        ({"emotion_strength": 0.0}, 0.0),
        ({"emotion_strength": 1.0}, 1.0),
        ({"enable_preferred_emotion": True}, 0.6),
        ({"enable_preferred_emotion": False, "emotion_strength": 1.0}, 0.0),
    ],
)
def test_strength_of_emotions(given: dict[str, Any], strength: float) -> None:
    sent = clip_header(emotion_post_processing_params=EmotionPostProcessingParameters(**given))
    assert read_header(sent).emotion_strength == strength


def test_what_belongs_to_their_networks_is_passed_over() -> None:
    read_header(clip_header(face_params=FaceParameters(float_params={"skinStrength": 2.0})))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rate_hz": 0}, "samples_per_second is 0; give 8000 to 192000"),
        ({"rate_hz": 4_000_000_000}, "samples_per_second is 4000000000"),
        ({"channels": 2}, "2 channels of 16 bits; send PCM"),
        ({"channels": 0}, "0 channels"),
        ({"bits": 32}, "1 channels of 32 bits"),
        (
            {"blendshape_params": shapes(bs_weight_offsets={"JawOpen": float("nan")})},
            "bs_weight_offsets of 'JawOpen' is nan; give a number",
        ),
        (
            {"blendshape_params": shapes(bs_weight_multipliers={"JawOpen": float("inf")})},
            "bs_weight_multipliers of 'JawOpen' is inf",
        ),
        (
            {"emotion_post_processing_params": EmotionPostProcessingParameters(emotion_strength=2)},
            "emotion_strength is 2; give 0 to 1",
        ),
    ],
)
def test_headers_that_cannot_be_used(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ServiceError, match=told) as refused:
        read_header(clip_header(**given))
    assert refused.value.code == "value"


def test_another_format_than_pcm() -> None:
    sent = clip_header()
    sent.audio_header.audio_format = 7
    with pytest.raises(ServiceError, match="audio has format 7"):
        read_header(sent)
