from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.umo_runtime.predictor.tiny_networks import (
    TINY,
    poses_near_rest,
    t_pose,
    tiny_interpolator,
)
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.controls import CONTROL_DIM, EMOTIONS, NEUTRAL, STATES, Controls
from umo_runtime.interpolator.hold import MAX_TURN_RAD_PER_S
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.nn.rotation import conjugate, multiply, rotate
from umo_runtime.skeleton import (
    BONE_INDEX,
    NUM_BONES,
    REST_OFFSETS_M,
    Region,
    forward_kinematics,
)
from umo_runtime.tokenizer.phones import SILENCE
from umo_runtime.tokenizer.pose import (
    EXPRESSION_CHANNELS,
    NUM_EXPRESSIONS,
    POSE_DIM,
    REGION_SLICES,
)
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

FACE = REGION_SLICES[Region.FACE]
GAZE = slice(FACE.start + NUM_EXPRESSIONS, FACE.start + NUM_EXPRESSIONS + 2)
LEFT_LID, RIGHT_LID = BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]
FRESH, CONTEXT, VOICE, BLINK = 0, 1, 6, 7  # places in the state


@dataclass(frozen=True)
class Frames:
    """What came out: rotations [T, B, 55, 4], roots [T, B, 3], blendshapes [T, B, 52]."""

    rotations: Tensor
    roots: Tensor
    blendshapes: Tensor


@pytest.fixture(scope="module")
def interpolator() -> Interpolator:
    return tiny_interpolator()


def _play(
    interpolator: Interpolator,
    keyframes: Tensor,
    state: tuple[Tensor, ...] | None = None,
    controls: Tensor | None = None,
) -> Frames:
    """All frames between keyframes [K, B, P], with a sound that varies.

    Args:
        interpolator: what is tested.
        keyframes: [K, B, P].
        state: to start from; default: fresh.
        controls: by frame and row, [T, B, CONTROL_DIM]; default: neutral.
    """
    rows = keyframes.shape[1]
    state = state or interpolator.initial_state(rows)
    if controls is None:
        controls = _told((FRAMES_PER_KEYFRAME * (len(keyframes) - 1), NEUTRAL), rows=rows)
    generator, frames = torch.Generator().manual_seed(0), []
    for frame, told in enumerate(controls):
        key, within = divmod(frame, FRAMES_PER_KEYFRAME)
        phase = torch.full((rows,), within / FRAMES_PER_KEYFRAME)
        sound = torch.randn(1, TINY.audio_channels, generator=generator).expand(rows, -1)
        *outputs, state = interpolator(
            keyframes[key], keyframes[key + 1], phase, sound, told, *state
        )
        frames.append(outputs)
    return Frames(*(torch.stack(part) for part in zip(*frames, strict=True)))


def _told(*parts: tuple[int, Controls], rows: int = 1) -> Tensor:
    """Controls [T, rows, CONTROL_DIM], each for a number of frames."""
    vectors = [controls.vector() for count, controls in parts for _ in range(count)]
    return torch.from_numpy(np.stack(vectors))[:, None].expand(-1, rows, -1)


def _keyframes(count: int, rows: int, seed: int, spread: float = 0.15) -> Tensor:
    return torch.stack([poses_near_rest(rows, seed + step, spread) for step in range(count)])


def _speeds_rad_per_s(rotations: Tensor) -> Tensor:
    relative = multiply(conjugate(rotations[:-1].double()), rotations[1:].double())
    angle = 2 * torch.atan2(relative[..., :3].norm(dim=-1), relative[..., 3].abs())
    return angle * FRAME_RATE_HZ


@given(seed=st.integers(0, 2**31), spread=st.sampled_from([0.0, 0.15, 1.0, 30.0]))
def test_any_keyframes_give_a_sound_bounded_character(
    seed: int, spread: float, interpolator: Interpolator
) -> None:
    frames = _play(interpolator, _keyframes(4, 2, seed, spread))
    lengths = frames.rotations.norm(dim=-1)
    assert frames.rotations.shape == (12, 2, NUM_BONES, 4)
    assert frames.blendshapes.shape == (12, 2, NUM_BLENDSHAPES)
    assert frames.rotations.dtype == frames.roots.dtype == frames.blendshapes.dtype
    assert frames.roots.isfinite().all()
    torch.testing.assert_close(lengths, torch.ones_like(lengths), atol=1e-5, rtol=0)
    assert frames.blendshapes.min() >= 0
    assert frames.blendshapes.max() <= 1
    assert _speeds_rad_per_s(frames.rotations).max() <= MAX_TURN_RAD_PER_S + 1e-3


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e6])
def test_degenerate_keyframes_stay_finite(value: float, interpolator: Interpolator) -> None:
    frames = _play(interpolator, torch.full((4, 1, POSE_DIM), value))
    assert frames.rotations.isfinite().all()
    assert frames.blendshapes.isfinite().all()
    lengths = frames.rotations.norm(dim=-1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), atol=1e-5, rtol=0)


def test_rotations_keep_their_sign_from_frame_to_frame(interpolator: Interpolator) -> None:
    rotations = _play(interpolator, _keyframes(8, 1, seed=3, spread=1.0)).rotations
    assert ((rotations[1:] * rotations[:-1]).sum(dim=-1) >= -1e-6).all()


def test_the_resting_pose_comes_out_as_it_is(interpolator: Interpolator) -> None:
    frames = _play(interpolator, t_pose().expand(3, 1, -1))
    identity = torch.tensor([0.0, 0.0, 0.0, 1.0])
    arms = [bone for name, bone in BONE_INDEX.items() if "Leg" not in name and "Foot" not in name]
    torch.testing.assert_close(
        frames.rotations[:, :, arms], identity.expand(8, 1, len(arms), 4), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(frames.roots[0, 0], torch.from_numpy(REST_OFFSETS_M[0]))
    upper = [c for c in range(NUM_BLENDSHAPES) if c not in MOUTH_CHANNELS]
    assert not frames.blendshapes[..., upper].any()


def test_rows_are_independent(interpolator: Interpolator) -> None:
    keyframes = _keyframes(4, 3, seed=5)
    together = _play(interpolator, keyframes)
    for row in range(3):
        alone = _play(interpolator, keyframes[:, row : row + 1])
        for many, one in (
            (together.rotations, alone.rotations),
            (together.roots, alone.roots),
            (together.blendshapes, alone.blendshapes),
        ):
            torch.testing.assert_close(many[:, row], one[:, 0], atol=1e-5, rtol=1e-5)


def test_a_fresh_row_forgets_the_motion_of_the_row_before(interpolator: Interpolator) -> None:
    keyframes = _keyframes(3, 1, seed=7)
    fresh = interpolator.initial_state(1)
    kept = {FRESH, CONTEXT, VOICE, BLINK}
    used = tuple(
        part if place in kept else torch.randn_like(part) for place, part in enumerate(fresh)
    )
    expected, after = _play(interpolator, keyframes), _play(interpolator, keyframes, used)
    assert torch.equal(after.rotations, expected.rotations)


def test_only_the_first_frame_is_fresh(interpolator: Interpolator) -> None:
    state, pose = interpolator.initial_state(2), poses_near_rest(2, seed=0)
    assert state[FRESH].tolist() == [[1.0], [1.0]]
    told, sound = _told((1, NEUTRAL), rows=2)[0], torch.zeros(2, TINY.audio_channels)
    *_, after = interpolator(pose, pose, torch.zeros(2), sound, told, *state)
    assert after[FRESH].tolist() == [[0.0], [0.0]]
    assert [part.shape for part in after] == [part.shape for part in state]


def test_eyes_and_look_channels_follow_the_gaze(interpolator: Interpolator) -> None:
    pose = t_pose()[None].clone()
    pose[:, GAZE] = torch.tensor([0.3, -0.1])  # left and down
    frames = _play(interpolator, pose.expand(2, 1, -1))
    for eye in ("LeftEye", "RightEye"):
        x, y, _ = rotate(frames.rotations[0, 0, BONE_INDEX[eye]], torch.tensor([0.0, 0.0, 1.0]))
        assert x > 0.25
        assert y < -0.05
    looks = frames.blendshapes[0, 0]
    assert looks[BLENDSHAPE_INDEX["eyeLookOutLeft"]] > 0.5
    assert looks[BLENDSHAPE_INDEX["eyeLookInRight"]] > 0.5
    assert looks[BLENDSHAPE_INDEX["eyeLookInLeft"]] == 0
    down = looks[BLENDSHAPE_INDEX["eyeLookDownLeft"]]
    assert looks[LEFT_LID] == looks[RIGHT_LID] == 0.5 * down > 0  # lids come down with the gaze


def test_a_saccade_is_over_in_two_frames(interpolator: Interpolator) -> None:
    keyframes = t_pose().repeat(2, 1, 1)
    keyframes[1, :, GAZE] = torch.tensor([0.3, 0.0])
    out = _play(interpolator, keyframes).blendshapes[:, 0, BLENDSHAPE_INDEX["eyeLookOutLeft"]]
    assert out[0] == 0
    assert 0 < out[1] < out[2]
    assert out[2] == out[3] > 0.5


def test_expressions_run_straight_between_keyframes(interpolator: Interpolator) -> None:
    keyframes = t_pose().repeat(2, 1, 1)
    keyframes[1, :, FACE.start : FACE.start + NUM_EXPRESSIONS] = 0.8
    out = _play(interpolator, keyframes).blendshapes[:, 0, list(EXPRESSION_CHANNELS)]
    expected = torch.tensor([0.0, 0.2, 0.4, 0.6])[:, None].expand(4, NUM_EXPRESSIONS)
    torch.testing.assert_close(out, expected)


def _moving(rows: int = 1, seconds: float = 2.0) -> Tensor:
    return _keyframes(round(seconds * FRAME_RATE_HZ / FRAMES_PER_KEYFRAME) + 1, rows, seed=11)


any_controls = st.builds(
    Controls,
    calmness=st.floats(0, 1),
    emotion=st.sampled_from(EMOTIONS),
    intensity=st.floats(0, 1),
    state=st.sampled_from(STATES),
    gaze_rad=st.none() | st.tuples(st.floats(-3.1, 3.1), st.floats(-3.1, 3.1)),
)


def test_neutral_controls_are_no_controls_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers that controls act through may as well not be there."""
    told = _play(tiny_interpolator(), _moving(rows=2))
    without, module = tiny_interpolator(), "umo_runtime.interpolator.interpolator"
    monkeypatch.setattr(f"{module}.scale_motion", lambda values, start, told: values)
    monkeypatch.setattr(without.expression, "forward", lambda face, told: face)
    monkeypatch.setattr(without.attention, "forward", lambda own, told, turn, first: (own, turn))
    plain = _play(without, _moving(rows=2))
    assert torch.equal(told.rotations, plain.rotations)
    assert torch.equal(told.roots, plain.roots)
    assert torch.equal(told.blendshapes, plain.blendshapes)


def test_every_constant_moves_with_the_network_to_another_device() -> None:
    interpolator = tiny_interpolator().to("meta")
    state, pose = interpolator.initial_state(2), poses_near_rest(2, seed=0).to("meta")
    told, sound = torch.zeros(2, CONTROL_DIM), torch.zeros(2, TINY.audio_channels)
    *outputs, after = interpolator(
        pose, pose, pose[:, 0], sound.to("meta"), told.to("meta"), *state
    )
    assert all(part.is_meta for part in (*outputs, *state, *after))


@given(first=any_controls, second=any_controls, seed=st.integers(0, 99))
def test_any_controls_give_a_sound_bounded_character(
    first: Controls, second: Controls, seed: int, interpolator: Interpolator
) -> None:
    keyframes = _keyframes(6, 1, seed)
    frames = _play(interpolator, keyframes, controls=_told((10, first), (10, second)))
    lengths = frames.rotations.norm(dim=-1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), atol=1e-5, rtol=0)
    assert frames.blendshapes.min() >= 0 and frames.blendshapes.max() <= 1
    assert _speeds_rad_per_s(frames.rotations).max() <= MAX_TURN_RAD_PER_S + 1e-3


def test_rows_with_controls_of_their_own_are_independent(interpolator: Interpolator) -> None:
    keyframes = _moving(rows=3)
    by_row = (
        Controls(emotion="joy", gaze_rad=(0.8, 0.2)),
        Controls(calmness=0.1, state="listening"),
        NEUTRAL,
    )
    told = torch.cat([_told((60, controls)) for controls in by_row], dim=1)
    together = _play(interpolator, keyframes, controls=told)
    for row in range(3):
        alone = _play(interpolator, keyframes[:, row : row + 1], controls=told[:, row : row + 1])
        for many, one in (
            (together.rotations, alone.rotations),
            (together.blendshapes, alone.blendshapes),
        ):
            torch.testing.assert_close(many[:, row], one[:, 0], atol=1e-5, rtol=1e-5)


def test_who_listens_keeps_the_mouth_shut(interpolator: Interpolator) -> None:
    mouth = list(MOUTH_CHANNELS)
    told = _told((20, NEUTRAL), (40, Controls(state="listening")))
    lips = _play(interpolator, _moving(), controls=told).blendshapes[:, 0, mouth]
    assert lips[:20].amax(dim=1).min() > 0.02
    assert lips[35:].max() < 0.005  # half a second later
    for state in ("listening", "idle"):
        frames = _play(interpolator, _moving(), controls=_told((60, Controls(state=state))))
        assert not frames.blendshapes[..., mouth].any()  # from the first frame on


def test_who_listens_does_not_hold_in_silence() -> None:
    interpolator = tiny_interpolator()
    torch.nn.init.zeros_(interpolator.hold.phones.weight)
    interpolator.hold.phones.bias[SILENCE] = 50.0
    arm = BONE_INDEX["RightLowerArm"]

    def speed(controls: Controls) -> float:
        frames = _play(interpolator, _moving(), controls=_told((60, controls)))
        return float(_speeds_rad_per_s(frames.rotations)[..., arm].mean())

    assert speed(NEUTRAL) < 0.05
    assert speed(Controls(state="listening")) > 0.5


def test_hands_travel_the_further_the_livelier(interpolator: Interpolator) -> None:
    def travel(calmness: float) -> float:
        told = _told((60, Controls(calmness=calmness)))
        frames = _play(interpolator, _moving(), controls=told)
        positions, _ = forward_kinematics(
            frames.rotations[:, 0].numpy(), frames.roots[:, 0].numpy()
        )
        hands = positions[:, [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]]
        return float(np.linalg.norm(np.diff(hands, axis=0), axis=-1).mean())

    by_calmness = [travel(calmness) for calmness in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert by_calmness == sorted(by_calmness) and len(set(by_calmness)) == 5
    assert by_calmness[0] < 0.15 * by_calmness[2]
    assert by_calmness[4] > 1.1 * by_calmness[2]


def test_emotion_spoils_no_closure(interpolator: Interpolator) -> None:
    keyframes = _moving()
    closing = [BLENDSHAPE_INDEX[name] for name in ("jawOpen", "mouthClose")]
    plain = _play(interpolator, keyframes).blendshapes
    for emotion in EMOTIONS:
        told = _told((60, Controls(emotion=emotion)))
        moody = _play(interpolator, keyframes, controls=told).blendshapes
        assert torch.equal(moody[..., closing], plain[..., closing])


def test_a_fresh_row_forgets_the_controls_of_the_row_before(interpolator: Interpolator) -> None:
    keyframes = _moving(rows=1, seconds=1)
    state: tuple[Tensor, ...] = interpolator.initial_state(1)
    wild = Controls(0.0, "anger", 1.0, "idle", (1.0, 0.5))
    told = _told((1, wild))[0]
    sound = torch.zeros(1, TINY.audio_channels)
    for _ in range(5):
        *_, state = interpolator(keyframes[0], keyframes[1], torch.zeros(1), sound, told, *state)
    fresh = interpolator.initial_state(1)
    kept = {FRESH, CONTEXT, VOICE, BLINK}
    used = tuple(fresh[n] if n in kept else part for n, part in enumerate(state))
    again, expected = _play(interpolator, keyframes, used), _play(interpolator, keyframes)
    assert torch.equal(again.rotations, expected.rotations)
    assert torch.equal(again.blendshapes, expected.blendshapes)
