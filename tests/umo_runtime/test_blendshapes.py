import pytest

from umo_runtime.blendshapes import (
    BLENDSHAPE_INDEX,
    BLENDSHAPES,
    MOUTH_CHANNELS,
    NUM_BLENDSHAPES,
)
from umo_runtime.tokenizer.pose import EXPRESSION_CHANNELS

# Places on the wire of Live Link Face: the first of each group, and the ends.
ANCHORS = {
    "eyeBlinkLeft": 0,
    "eyeBlinkRight": 7,
    "jawForward": 14,
    "jawOpen": 17,
    "mouthClose": 18,
    "mouthSmileLeft": 23,
    "mouthUpperUpRight": 40,
    "browDownLeft": 41,
    "browInnerUp": 43,
    "cheekPuff": 46,
    "noseSneerLeft": 49,
    "tongueOut": 51,
}


def test_there_are_52_different_names() -> None:
    assert NUM_BLENDSHAPES == len(BLENDSHAPES) == len(set(BLENDSHAPES)) == 52
    assert [BLENDSHAPE_INDEX[name] for name in BLENDSHAPES] == list(range(52))


@pytest.mark.parametrize(("name", "index"), ANCHORS.items())
def test_the_order_is_that_of_live_link_face(name: str, index: int) -> None:
    assert BLENDSHAPES[index] == name


def test_sides_come_in_pairs() -> None:
    lefts = {name.removesuffix("Left") for name in BLENDSHAPES if name.endswith("Left")}
    rights = {name.removesuffix("Right") for name in BLENDSHAPES if name.endswith("Right")}
    assert lefts == rights


def test_every_channel_has_one_owner() -> None:
    eyes = {
        index for index, name in enumerate(BLENDSHAPES) if name.startswith(("eyeBlink", "eyeLook"))
    }
    owners = [*MOUTH_CHANNELS, *EXPRESSION_CHANNELS, *eyes]
    assert len(MOUTH_CHANNELS) == 29
    assert sorted(owners) == list(range(52))
