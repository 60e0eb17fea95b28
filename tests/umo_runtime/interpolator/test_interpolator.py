from dataclasses import dataclass
from itertools import pairwise

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
from umo_runtime.interpolator.hold import MAX_TURN_RAD_PER_S
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.nn.rotation import conjugate, multiply, rotate
from umo_runtime.skeleton import BONE_INDEX, NUM_BONES, REST_OFFSETS_M, Region
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
FRESH = 5  # place of the fresh flag in the state


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
    interpolator: Interpolator, keyframes: Tensor, state: tuple[Tensor, ...] | None = None
) -> Frames:
    """All frames between keyframes [K, B, P], with a sound that varies."""
    rows = keyframes.shape[1]
    state = state or interpolator.initial_state(rows)
    generator, frames = torch.Generator().manual_seed(0), []
    for previous, following in pairwise(keyframes):
        for frame in range(FRAMES_PER_KEYFRAME):
            phase = torch.full((rows,), frame / FRAMES_PER_KEYFRAME)
            sound = torch.randn(1, TINY.audio_channels, generator=generator).expand(rows, -1)
            *outputs, state = interpolator(previous, following, phase, sound, *state)
            frames.append(outputs)
    return Frames(*(torch.stack(part) for part in zip(*frames, strict=True)))


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


def test_the_resting_pose_comes_out_as_it_is() -> None:
    interpolator = tiny_interpolator()
    torch.nn.init.zeros_(interpolator.body.output.weight)
    torch.nn.init.zeros_(interpolator.body.output.bias)
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
    used = (fresh[0], *(torch.randn_like(part) for part in fresh[1:FRESH]), *fresh[FRESH:])
    expected, after = _play(interpolator, keyframes), _play(interpolator, keyframes, used)
    assert torch.equal(after.rotations, expected.rotations)


def test_only_the_first_frame_is_fresh(interpolator: Interpolator) -> None:
    state, pose = interpolator.initial_state(2), poses_near_rest(2, seed=0)
    assert state[FRESH].tolist() == [[1.0], [1.0]]
    *_, after = interpolator(
        pose, pose, torch.zeros(2), torch.zeros(2, TINY.audio_channels), *state
    )
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
