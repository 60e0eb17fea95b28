from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.training.test_dataset import build, random_take, seeded
from umo_runtime.config import ModelConfig
from umo_runtime.errors import CorpusError
from umo_runtime.nn.residual_quantizer import ResidualQuantizer
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.skeleton import BONE_INDEX, REGION_BONES, Region
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import POSE_DIM, REGION_SLICES
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.foundation import (
    MotionPriorTask,
    MotionTokenizerTask,
    _value_weights,
    corrupt,
    next_token_loss,
)
from umo_runtime.training.phase import Task
from umo_runtime.training.take import Take
from umo_runtime.training.tokens import TokenCrop, motion_tokens

TINY = ModelConfig(
    num_mels=8,
    audio_channels=16,
    audio_blocks=1,
    audio_codes=16,
    motion_hidden=16,
    motion_levels=2,
    motion_codes=16,
    code_dim=8,
    d_model=16,
    num_layers=1,
    num_heads=2,
    num_kv_heads=1,
    shared_hidden=16,
    expert_hidden=8,
    window_steps=8,
    depth_model=16,
    depth_layers=1,
    depth_hidden=8,
    text_codes=300,
    text_slots=3,
    text_dim=8,
    face_hidden=16,
)
PHASE = PhaseConfig(steps=30, batch=16, frames=32)


def make_data() -> Dataset:
    return build([random_take(seed) for seed in range(3)])


def learn(task: Task, steps: int = 30, rate: float = 1e-2) -> list[dict[str, float]]:
    """Losses while one batch is learnt by heart."""
    trainable = [value for value in task.network.parameters() if value.requires_grad]
    optimizer = torch.optim.Adam(trainable, rate)
    task.network.train()
    curve = []
    for step in range(steps):
        torch.manual_seed(step)
        losses = task.losses(seeded(1))
        optimizer.zero_grad()
        losses["total"].backward()
        optimizer.step()
        curve.append({name: float(value.detach()) for name, value in losses.items()})
    assert all(torch.tensor(list(losses.values())).isfinite().all() for losses in curve)
    return curve


def make_predictor(config: ModelConfig = TINY) -> KeyframePredictor:
    torch.manual_seed(3)
    quantizer = ResidualQuantizer(config.audio_levels, config.audio_codes, config.code_dim)
    return KeyframePredictor(config, quantizer, MotionTokenizer(config)).train()


def random_codes(count: int) -> torch.Tensor:
    return torch.randint(TINY.motion_codes, (count, 4, TINY.motion_levels), generator=seeded())


def test_poses_are_learnt_through_codes() -> None:
    torch.manual_seed(0)
    curve = learn(MotionTokenizerTask(TINY, PHASE, make_data()))
    assert curve[0].keys() == {"total", "commitment", "trunk", "arms", "hands", "face"}
    assert curve[-1]["total"] < 0.8 * curve[0]["total"]
    for region in ("trunk", "arms", "hands", "face"):
        assert curve[-1][region] < curve[0][region]


def test_the_total_is_the_regions_and_a_quarter_of_the_commitment() -> None:
    losses = MotionTokenizerTask(TINY, PHASE, make_data()).losses(seeded())
    regions = sum(losses[region.name.lower()] for region in Region)
    torch.testing.assert_close(losses["total"], regions + 0.25 * losses["commitment"])


def test_the_scale_of_the_data_is_measured_once() -> None:
    data = make_data()
    motion = MotionTokenizerTask(TINY, PHASE, data).network
    assert isinstance(motion, MotionTokenizer)
    pose = data.pose.float()
    torch.testing.assert_close(motion.mean, pose.mean(dim=0))
    torch.testing.assert_close(motion.scale, pose.std(dim=0).clamp(min=0.03))
    beginnings = pose[data.starts]
    assert (motion.rest == beginnings).all(dim=1).any()


def test_quiet_values_are_not_blown_up() -> None:
    data = make_data()
    data.pose[:, 7] = 0.25
    motion = MotionTokenizerTask(TINY, PHASE, data).network
    assert isinstance(motion, MotionTokenizer)
    assert motion.scale[7] == pytest.approx(0.03)


def test_values_weigh_by_what_they_move() -> None:
    weight = _value_weights()
    assert weight.shape == (POSE_DIM,)
    trunk, speed = weight[REGION_SLICES[Region.TRUNK]].chunk(2)
    bones = REGION_BONES[Region.TRUNK]
    for name, wanted in {"Hips": 1.0, "LeftFoot": 0.25, "Chest": 1.0, "Head": 2.0}.items():
        place = bones.index(BONE_INDEX[name])
        assert trunk[:-3].view(-1, 6)[place].tolist() == [wanted] * 6, name
    assert trunk[-3:].tolist() == [1.0] * 3  # where the hips are
    for region in (Region.ARMS, Region.HANDS):
        assert weight[REGION_SLICES[region]].chunk(2)[0].eq(1).all()
    torch.testing.assert_close(speed, 0.3 * trunk)
    face = weight[REGION_SLICES[Region.FACE]]
    assert face.tolist() == [*[1.0] * 15, 4.0]


def test_motion_is_learnt_from_takes_that_are_not_held_out() -> None:
    takes = [random_take(seed) for seed in range(3)]
    data = build(takes[:1], held_out=takes[1:])
    task = MotionTokenizerTask(TINY, replace(PHASE, batch=500), data)
    seen: list[torch.Tensor] = []
    network = task.network
    assert isinstance(network, MotionTokenizer)
    network.encoders[0].register_forward_hook(lambda net, given, result: seen.append(given[0]))
    task.losses(seeded())
    task.validation_losses()
    training, held_out = ({row.numpy().tobytes() for row in rows} for rows in seen)
    assert 0 < len(training) <= 96
    assert 0 < len(held_out) <= 192
    assert not training & held_out
    assert MotionTokenizerTask(TINY, PHASE, build(takes)).validation_losses() == {}


def motion_prior(held_out: tuple[Take, ...] = ()) -> MotionPriorTask:
    predictor = make_predictor()
    data = build([random_take(seed) for seed in range(2)], held_out)
    return MotionPriorTask(predictor, PHASE, motion_tokens(data, predictor.motion, TINY))


def test_what_follows_what_is_learnt() -> None:
    task = motion_prior()
    predictor = task._predictor
    frozen = {name: value.clone() for name, value in predictor.motion.state_dict().items()}
    curve = learn(task, steps=40)
    assert curve[0]["total"] > 2.0
    assert curve[-1]["total"] < 0.8 * curve[0]["total"]
    for name, value in predictor.motion.state_dict().items():
        assert torch.equal(value, frozen[name]), name


def test_the_prior_does_not_hear() -> None:
    task = motion_prior()
    task.losses(seeded())["total"].backward()
    predictor = task._predictor
    assert predictor.audio_in.weight.grad is None or not predictor.audio_in.weight.grad.any()
    assert predictor.no_audio.grad is not None
    assert predictor.no_audio.grad.any()


def test_the_prior_is_validated_on_takes_that_are_held_out() -> None:
    assert motion_prior().validation_losses() == {}
    task = motion_prior((random_take(5),))
    task.network.eval()
    assert task.validation_losses() == task.validation_losses()
    assert task.validation_losses()["total"] > 0


def test_too_little_motion_is_one_line() -> None:
    predictor = make_predictor()
    tokens = motion_tokens(build([random_take(0)]), predictor.motion, TINY)
    with pytest.raises(CorpusError, match="no take is as long as a crop") as caught:
        MotionPriorTask(predictor, replace(PHASE, frames=100), tokens).losses(seeded())
    assert "\n" not in str(caught.value)


def test_only_the_future_is_predicted() -> None:
    """The loss of step k may depend on nothing after keyframe k but the targets themselves."""
    predictor = make_predictor().eval()
    torch.nn.init.normal_(predictor.controls_in.weight)
    motion, controls = random_codes(6)[None], torch.rand(1, 6, 3, generator=seeded())
    audio = torch.zeros(1, 6, 4, TINY.audio_levels).long()
    text = torch.zeros(1, 6, TINY.text_slots).long()
    crop = TokenCrop(audio, text, motion, controls)
    loss = next_token_loss(predictor, crop, motion)
    blind = {}
    for item in ("audio", "text", "controls"):
        value = getattr(crop, item).clone()
        value[:, -1] = 5  # the last step is judged, not read
        blind[item] = value
    history = motion.clone()
    history[:, -1] = 5
    assert loss == next_token_loss(predictor, replace(crop, **blind), history)
    first = motion.clone()
    first[:, 0] = (first[:, 0] + 1) % TINY.motion_codes
    assert loss == next_token_loss(predictor, replace(crop, motion=first), motion)  # not judged
    assert loss != next_token_loss(predictor, crop, first)  # but read
    for item, most in (("audio", TINY.audio_codes), ("text", TINY.text_codes), ("controls", 3)):
        changed = getattr(crop, item).clone()
        changed[:, 2] = most - 1
        assert loss != next_token_loss(predictor, replace(crop, **{item: changed}), motion), item


@given(share=st.sampled_from([0.0, 0.05, 0.5, 1.0]), seed=st.integers(0, 2**31))
def test_history_is_corrupted_by_its_share(share: float, seed: int) -> None:
    codes = torch.full((40, 20, 4, 2), 3)
    spoilt = corrupt(codes, share, 1000, seeded(seed))
    assert spoilt.min() >= 0
    assert spoilt.max() < 1000
    assert float((spoilt != codes).float().mean()) == pytest.approx(share, abs=0.03)
    assert torch.equal(spoilt, corrupt(codes, share, 1000, seeded(seed)))
