from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor

from tests.umo_runtime.predictor.tiny_networks import (
    TINY,
    tiny_motion,
    tiny_predictor,
    tiny_tokenizer,
)
from umo_runtime.config import NUM_REGIONS
from umo_runtime.controls import CALMNESS, CONTROL_DIM, NEUTRAL, NUM_PREDICTOR_CONTROLS
from umo_runtime.nn.window_attention import write_ring
from umo_runtime.predictor.in_step import _draw
from umo_runtime.predictor.predictor import _MIN_P, KeyframePredictor
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.types import FRAMES_PER_KEYFRAME

STEPS = 2 * TINY.window_steps + 3
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Speech:
    """Inputs of a rollout: codes [B, T, 4, Q], text [B, T, S], controls, uniforms [B, T, P]."""

    audio: Tensor
    text: Tensor
    controls: Tensor
    uniforms: Tensor

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return self.audio, self.text, self.controls, self.uniforms

    @property
    def heeded(self) -> Tensor:
        return self.controls[..., :NUM_PREDICTOR_CONTROLS]

    def row(self, row: int) -> "Speech":
        return Speech(*(part[row : row + 1] for part in self.parts))


@dataclass(frozen=True)
class Rollout:
    """Poses [B, T, P], codes of keyframes 0..T, [B, T + 1, R, Q], steps taken and the rings."""

    poses: Tensor
    codes: Tensor
    position: Tensor
    rings: tuple[Tensor, ...]


@pytest.fixture(scope="module")
def predictor() -> KeyframePredictor:
    return tiny_predictor()


def _speech(predictor: KeyframePredictor, rows: int, seed: int = 0) -> Speech:
    generator = torch.Generator().manual_seed(seed)
    audio = (rows, STEPS, FRAMES_PER_KEYFRAME, TINY.audio_levels)
    text = (rows, STEPS, TINY.text_slots)
    return Speech(
        torch.randint(TINY.audio_codes, audio, generator=generator),
        torch.randint(TINY.text_codes, text, generator=generator),
        torch.rand(rows, STEPS, CONTROL_DIM, generator=generator),
        torch.rand(rows, STEPS, predictor.in_step.positions, generator=generator),
    )


def _roll(
    predictor: KeyframePredictor, speech: Speech, rings: tuple[Tensor, ...] | None = None
) -> Rollout:
    rings = rings or predictor.initial_rings(len(speech.audio))
    position, now = predictor.initial_state(len(speech.audio))
    poses, codes = [], [now]
    for step in range(STEPS):
        inputs = (part[:, step] for part in speech.parts)
        pose, (after, now, *written) = predictor.step(*inputs, position, now, *rings)
        for ring, part in zip(rings, written, strict=True):
            write_ring(ring, part, position)
        position = after
        poses.append(pose)
        codes.append(now)
    return Rollout(torch.stack(poses, dim=1), torch.stack(codes, dim=1), position, rings)


def _in_order(codes: Tensor) -> Tensor:
    """Codes [..., R, Q] in decoding order: level by level, regions within."""
    return codes.transpose(-1, -2).flatten(-2)


def test_training_scores_repeat_every_draw_of_a_rollout(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=2)
    rollout = _roll(predictor, speech)
    logits = predictor(
        speech.audio,
        speech.text,
        rollout.codes[:, :-1],
        torch.ones(2),
        speech.heeded,
        rollout.codes[:, 1:],
    )
    assert logits.shape == (2, STEPS, predictor.in_step.positions, TINY.motion_codes)
    logits = (logits / predictor.temperature[:, None]).flatten(0, 2)
    again = _draw(logits, speech.uniforms.flatten(), _MIN_P)
    assert torch.equal(again, _in_order(rollout.codes[:, 1:]).flatten())
    assert len(again.unique()) > TINY.motion_codes / 2


def test_poses_are_the_decoded_codes(predictor: KeyframePredictor) -> None:
    rollout = _roll(predictor, _speech(predictor, rows=2))
    assert rollout.poses.shape == (2, STEPS, POSE_DIM)
    torch.testing.assert_close(rollout.poses, predictor.motion(rollout.codes[:, 1:]))


def test_region_states_of_step_and_forward_are_the_same(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=2)
    seen: list[Tensor] = []
    sample = predictor.in_step.sample

    def watch(states: Tensor, *rest: object) -> Tensor:
        seen.append(states)
        return sample(states, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictor.in_step, "sample", watch)
        codes = _roll(predictor, speech).codes[:, :-1]
    tokens = predictor._embed(speech.audio, speech.text, codes, torch.ones(2), speech.heeded)
    states = predictor._regions(predictor._body(tokens))
    torch.testing.assert_close(torch.stack(seen, dim=1), states, atol=TOLERANCE, rtol=TOLERANCE)


def test_scores_by_shifted_motion_are_those_by_told_motion(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=2)
    motion = torch.randint(TINY.motion_codes, (2, STEPS, NUM_REGIONS, TINY.motion_levels))
    told = torch.cat((motion[:, 1:], motion[:, :1]), dim=1)
    full = predictor(speech.audio, speech.text, motion, torch.ones(2), told=told)
    shifted = predictor(speech.audio, speech.text, motion, torch.ones(2))
    torch.testing.assert_close(shifted, full[:, :-1], atol=TOLERANCE, rtol=TOLERANCE)


def test_a_row_that_may_not_hear_ignores_the_sound(predictor: KeyframePredictor) -> None:
    speech, other = _speech(predictor, rows=2), _speech(predictor, rows=2, seed=1)
    motion = torch.zeros(2, STEPS, NUM_REGIONS, TINY.motion_levels, dtype=torch.int64)
    heard = torch.tensor([0.0, 1.0])
    first, second = (
        predictor(audio, speech.text, motion, heard) for audio in (speech.audio, other.audio)
    )
    assert torch.equal(first[0], second[0])
    assert (first[1] - second[1]).abs().max() > 1e-2


def test_sound_words_and_motion_all_matter(predictor: KeyframePredictor) -> None:
    speech, other = _speech(predictor, rows=1), _speech(predictor, rows=1, seed=1)
    motion, still = (
        torch.full((1, STEPS, NUM_REGIONS, TINY.motion_levels), code) for code in (0, 1)
    )
    told, heard = torch.zeros_like(motion), torch.ones(1)
    scores = predictor(speech.audio, speech.text, motion, heard, told=told)
    for audio, text, codes in (
        (other.audio, speech.text, motion),
        (speech.audio, other.text, motion),
        (speech.audio, speech.text, still),
    ):
        assert (predictor(audio, text, codes, heard, told=told) - scores).abs().max() > 1e-2


def test_a_new_predictor_knows_no_controls_and_learns_them() -> None:
    predictor = KeyframePredictor(TINY, tiny_tokenizer().quantizer, tiny_motion()).eval()
    speech = _speech(predictor, rows=1)
    motion = torch.zeros(1, STEPS, NUM_REGIONS, TINY.motion_levels, dtype=torch.int64)
    without = predictor(speech.audio, speech.text, motion, torch.ones(1))
    scores = predictor(speech.audio, speech.text, motion, torch.ones(1), speech.heeded)
    assert torch.equal(scores, without)
    scores.square().sum().backward()
    weight = predictor.controls_in.weight
    assert weight.grad is not None
    assert weight.grad.abs().amax(dim=0).min() > 0


def test_neutral_controls_say_nothing(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=1)
    motion = torch.zeros(1, STEPS, NUM_REGIONS, TINY.motion_levels, dtype=torch.int64)
    inputs = (speech.audio, speech.text, motion, torch.ones(1))
    neutral = torch.from_numpy(NEUTRAL.vector()[:NUM_PREDICTOR_CONTROLS]).expand(1, STEPS, -1)
    without = predictor(*inputs)
    assert torch.equal(predictor(*inputs, neutral), without)
    for control in range(NUM_PREDICTOR_CONTROLS):
        told = neutral.clone()
        told[..., control] += 0.5
        assert (predictor(*inputs, told) - without).abs().max() > 1e-3


def test_controls_act_from_the_step_they_come_with(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=1)
    changed = speech.controls.clone()
    changed[:, 5:, CALMNESS] += 5
    before, after = (
        _roll(predictor, replace(speech, controls=controls)).codes
        for controls in (speech.controls, changed)
    )
    assert torch.equal(before[:, :6], after[:, :6])
    assert not torch.equal(before[:, 6:], after[:, 6:])


def test_no_word_says_nothing_and_never_learns_to() -> None:
    predictor = KeyframePredictor(TINY, tiny_tokenizer().quantizer, tiny_motion())
    embedding = predictor.text_embedding
    embedding(torch.tensor([0, 5])).sum().backward()
    assert embedding.weight.grad is not None
    assert not embedding.weight[0].any()
    assert not embedding.weight.grad[0].any()
    assert embedding.weight.grad[5].all()


def test_rows_are_independent(predictor: KeyframePredictor) -> None:
    speech = _speech(predictor, rows=3)
    together = _roll(predictor, speech)
    for row in range(3):
        alone = _roll(predictor, speech.row(row))
        assert torch.equal(alone.codes[0], together.codes[row])
        torch.testing.assert_close(
            alone.poses[0], together.poses[row], atol=TOLERANCE, rtol=TOLERANCE
        )


def test_the_same_numbers_give_the_same_motion_and_others_do_not(
    predictor: KeyframePredictor,
) -> None:
    speech, other = _speech(predictor, rows=1), _speech(predictor, rows=1, seed=1)
    rollout = _roll(predictor, speech)
    assert torch.equal(_roll(predictor, speech).codes, rollout.codes)
    changed = replace(speech, uniforms=other.uniforms)
    assert not torch.equal(_roll(predictor, changed).codes, rollout.codes)


def test_position_zero_is_a_fresh_start_whatever_the_rings_hold(
    predictor: KeyframePredictor,
) -> None:
    speech = _speech(predictor, rows=2)
    fresh = _roll(predictor, speech)
    assert all(ring.any() for ring in fresh.rings)
    reset = _roll(predictor, speech, fresh.rings)
    assert torch.equal(reset.codes, fresh.codes)
    assert torch.equal(reset.poses, fresh.poses)
    assert reset.position.tolist() == [STEPS, STEPS]


def test_tokenizers_stay_frozen() -> None:
    motion = tiny_motion().requires_grad_()
    predictor = KeyframePredictor(TINY, tiny_tokenizer().quantizer, motion)
    trained = {name.split(".")[0] for name, v in predictor.named_parameters() if v.requires_grad}
    assert not {"motion", "audio_quantizer"} & trained
    assert {"layers", "in_step", "audio_in", "text_in", "motion_in"} <= trained
