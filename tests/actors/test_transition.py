import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.transition import BODY_S, FACE_S, Transition
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import MotionFrame


def pose(seed: int) -> MotionFrame:
    rng = np.random.default_rng(seed)
    rotations = rng.normal(size=(NUM_BONES, 4)).astype(np.float32)
    rotations /= np.linalg.norm(rotations, axis=-1, keepdims=True)
    face = rng.uniform(size=NUM_BLENDSHAPES).astype(np.float32)
    return MotionFrame("npc", 0, 0.0, rotations, face[:3], face, 0.0)


def angle(a: MotionFrame, b: MotionFrame) -> float:
    cosine = np.abs((a.rotations * b.rotations).sum(axis=-1)).clip(0, 1)
    return float(2 * np.arccos(cosine).max())


@given(st.integers(0, 99))
def test_it_begins_where_the_character_stood_and_ends_in_the_new_motion(seed: int) -> None:
    start, end = pose(seed), pose(seed + 100)
    transition = Transition(start)
    assert angle(transition.lead(end, 0.0), start) < 3e-3
    assert transition.lead(end, BODY_S) is end
    shares = [angle(transition.lead(end, t), end) for t in np.linspace(0, BODY_S, 13)]
    assert (np.diff(shares) < 3e-3).all()
    np.testing.assert_allclose(
        np.linalg.norm(transition.lead(end, 0.3).rotations, axis=-1), 1, atol=1e-5
    )


def test_a_mouth_is_there_long_before_the_body() -> None:
    start, end = pose(0), pose(1)
    led = Transition(start).lead(end, FACE_S)
    np.testing.assert_allclose(led.blendshapes, end.blendshapes, atol=1e-6)
    assert angle(led, end) > 0.5
