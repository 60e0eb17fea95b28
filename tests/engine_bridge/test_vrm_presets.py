import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.vmc_blends import BLEND_PROFILES
from engine_bridge.vrm_presets import VRM0_PRESETS, VRM1_PRESETS, vrm_presets
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES

VOWELS = ("A", "I", "U", "E", "O")
EMOTIONS = ("Joy", "Angry", "Sorrow")
FACE = st.lists(st.floats(0, 1, width=32), min_size=52, max_size=52).map(np.float32)


def face(**shapes: float) -> np.ndarray:
    """Blendshapes; a name without side is meant for both."""
    blendshapes = np.zeros(52, np.float32)
    for name, value in shapes.items():
        for side in ("", "Left", "Right"):
            if name + side in BLENDSHAPE_INDEX:
                blendshapes[BLENDSHAPE_INDEX[name + side]] = value
    return blendshapes


def presets(blendshapes: np.ndarray) -> dict[str, float]:
    return dict(zip(VRM0_PRESETS, vrm_presets(blendshapes[None])[0].tolist(), strict=True))


# What a mouth does while a vowel is held (M. Cohen and D. Massaro's targets, in ARKit's shapes).
@pytest.mark.parametrize(
    ("preset", "shapes"),
    [
        ("A", {"jawOpen": 0.58, "mouthFunnel": 0.06, "mouthStretch": 0.05}),
        ("I", {"jawOpen": 0.20, "mouthSmile": 0.18, "mouthStretch": 0.30}),
        ("U", {"jawOpen": 0.16, "mouthFunnel": 0.34, "mouthPucker": 0.58}),
        ("E", {"jawOpen": 0.44, "mouthSmile": 0.06, "mouthStretch": 0.20}),
        ("O", {"jawOpen": 0.46, "mouthFunnel": 0.42, "mouthPucker": 0.32}),
    ],
)
def test_a_held_vowel_is_its_preset(preset, shapes):
    found = presets(face(mouthLowerDown=0.15, mouthUpperUp=0.05, **shapes))
    assert max(VOWELS, key=found.__getitem__) == preset
    assert found[preset] > 0.5


@pytest.mark.parametrize("shapes", [{"mouthStretch": 0.3}, {"mouthPucker": 0.6}, {}])
def test_touching_lips_silence_the_mouth(shapes):
    assert presets(face(mouthPress=0.3, **shapes)) == dict.fromkeys(VRM0_PRESETS, 0)
    shut = presets(face(jawOpen=0.3, mouthClose=0.3, **shapes))
    assert [shut[vowel] for vowel in VOWELS] == [0] * 5


def test_each_eye_shuts_by_itself():
    found = presets(face(eyeBlinkLeft=1.0))
    assert (found["Blink_L"], found["Blink_R"]) == (1, 0)
    assert presets(face(eyeBlinkRight=0.5))["Blink_R"] == 0.5


@pytest.mark.parametrize(
    ("emotion", "shapes"),
    [
        ("Joy", {"cheekSquint": 0.7, "eyeSquint": 0.4, "mouthSmile": 0.6}),
        ("Angry", {"browDown": 0.9, "eyeWide": 0.3, "noseSneer": 0.25, "mouthPress": 0.45}),
        ("Sorrow", {"browInnerUp": 0.8, "browDown": 0.2, "mouthFrown": 0.6}),
    ],
)
def test_an_emotion_is_its_preset_and_no_other(emotion, shapes):
    found = presets(face(**shapes))
    assert found.pop(emotion) == pytest.approx(0.45, abs=0.06)
    assert set(found.values()) == {0}


def test_a_neutral_face_shows_no_emotion():
    found = presets(face(cheekSquint=0.1, mouthSmile=0.22, browInnerUp=0.3, browDown=0.05))
    assert [found[emotion] for emotion in EMOTIONS] == [0, 0, 0]


@given(FACE)
def test_weights_are_bounded_and_vowels_share_one_mouth(blendshapes):
    found = presets(blendshapes)
    assert all(0 <= value <= 1 for value in found.values())
    assert sum(found[vowel] for vowel in VOWELS) <= 1 + 1e-6


@given(st.lists(FACE, min_size=1, max_size=3))
def test_many_faces_are_weighed_as_each_alone(faces):
    together = vrm_presets(np.stack(faces))
    np.testing.assert_allclose(together, [vrm_presets(each[None])[0] for each in faces], atol=1e-5)


def test_names_of_the_profiles():
    assert BLEND_PROFILES["arkit"].names == BLENDSHAPES
    assert BLEND_PROFILES["arkit-pascal"].names[0] == "EyeBlinkLeft"
    assert {name.lower() for name in BLEND_PROFILES["arkit-pascal"].names} == {
        name.lower() for name in BLENDSHAPES
    }
    # The table of the VMC Protocol, "VRM0 vs VRM1 Incompatibility Warning".
    table = {
        **{"Joy": "happy", "Angry": "angry", "Sorrow": "sad", "Fun": "relaxed"},
        **{"A": "aa", "I": "ih", "U": "ou", "E": "ee", "O": "oh"},
        **{"Blink_L": "blinkLeft", "Blink_R": "blinkRight"},
    }
    assert dict(zip(VRM0_PRESETS, VRM1_PRESETS, strict=True)).items() <= table.items()
    vrm, vrm1 = BLEND_PROFILES["vrm"], BLEND_PROFILES["vrm1"]
    assert {*vrm.names, *vrm.zeros} == {*table, "Blink"}
    assert {*vrm1.names, *vrm1.zeros} == {*table.values(), "blink", "surprised"}
