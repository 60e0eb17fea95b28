from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.umo_runtime.training.test_dataset import build, random_take, seeded
from tests.umo_runtime.training.test_foundation import TINY, learn
from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.errors import ConfigError
from umo_runtime.interpolator.lip_contact import LipContact
from umo_runtime.training.alignment import AlignmentTask, Hearing
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.take import PHONES, Take

PHASE = PhaseConfig(steps=30, batch=4, frames=48)
SILENT_CHANNEL = 4


def make_takes() -> list[Take]:
    return [random_take(0), random_take(1), random_take(2, captured=True)]


def make_task(data: Dataset, phase: PhaseConfig = PHASE) -> AlignmentTask:
    torch.manual_seed(2)
    task = AlignmentTask(TINY, phase, data)
    task.network.train()
    return task


def hearing_of(task: AlignmentTask) -> Hearing:
    return cast(Hearing, task.network)


def backward(task: AlignmentTask, loss: str = "total") -> None:
    torch.manual_seed(0)
    task.losses(seeded())[loss].backward()


def test_hearing_is_learnt() -> None:
    curve = learn(make_task(build(make_takes())))
    assert set(curve[0]) == {
        "total",
        "phones",
        "phones_of_code",
        "mel",
        "commitment",
        "mouth",
        "mouth_speed",
    }
    assert curve[-1]["total"] < 0.8 * curve[0]["total"]
    for part in ("phones", "mel", "mouth"):
        assert curve[-1][part] < curve[0][part], part


def test_everything_that_hears_and_speaks_learns() -> None:
    task = make_task(build(make_takes()))
    backward(task)
    for name, value in task.network.named_parameters():
        assert value.grad is not None and value.grad.any(), name


def test_the_total_is_the_sum() -> None:
    losses = make_task(build(make_takes())).losses(seeded())
    torch.testing.assert_close(
        losses["total"], sum(value for name, value in losses.items() if name != "total")
    )


def test_a_generator_decides_everything() -> None:
    task = make_task(build(make_takes()))
    task.network.eval()  # in training each batch moves the codebooks
    once, again, other = (task.losses(seeded(seed))["total"] for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_a_channel_that_was_not_captured_teaches_nothing() -> None:
    takes = make_takes()
    for take in takes:
        take.mouth_weight[SILENT_CHANNEL] = 0
    task = make_task(build(takes))
    backward(task, "mouth")
    weight = hearing_of(task).interpolator.mouth.output.weight.grad
    assert weight is not None
    assert not weight[SILENT_CHANNEL].any()
    assert weight[SILENT_CHANNEL + 1].any()


def test_targets_of_masked_channels_do_not_matter() -> None:
    takes = make_takes()
    for take in takes:
        take.mouth_weight[SILENT_CHANNEL] = 0
    # The weights of channels come from all data: keep the spread, change the order.
    shuffled = [replace(take, mouth=take.mouth.copy()) for take in takes]
    for take in shuffled:
        take.mouth[:, SILENT_CHANNEL] = take.mouth[::-1, SILENT_CHANNEL]
    losses = [make_task(build(data)).losses(seeded()) for data in (takes, shuffled)]
    assert losses[0]["mouth"] == losses[1]["mouth"]
    assert losses[0]["mouth_speed"] == losses[1]["mouth_speed"]


def test_unknown_phones_are_ignored() -> None:
    takes = [replace(take, phones=np.full_like(take.phones, -1)) for take in make_takes()]
    task = make_task(build(takes))
    losses = task.losses(seeded())
    assert losses["phones"] == losses["phones_of_code"] == 0
    losses["total"].backward()
    head = hearing_of(task).interpolator.hold.phones.weight.grad
    assert head is None or not head.any()


def test_known_phones_count_in_full_beside_unknown_ones() -> None:
    """With one frame known, the loss is that frame's, however many are unknown."""
    takes = [replace(take, phones=np.full_like(take.phones, -1)) for take in make_takes()[:1]]
    takes[0].phones[40] = 7
    task = make_task(build(takes), replace(PHASE, frames=92, batch=1))  # one crop is possible
    hearing = hearing_of(task)
    with torch.no_grad():
        hearing.interpolator.hold.phones.weight.zero_()
        hearing.interpolator.hold.phones.bias.zero_()
        hearing.interpolator.hold.phones.bias[7] = 2.0
    expected = -torch.log_softmax(hearing.interpolator.hold.phones.bias.detach(), 0)[7]
    torch.testing.assert_close(task.losses(seeded())["phones"].detach(), 0.1 * expected)


def test_the_beginning_of_a_crop_is_not_judged() -> None:
    takes = make_takes()
    spoilt = [replace(take, mouth=take.mouth.copy(), phones=take.phones.copy()) for take in takes]
    for take in spoilt:  # crops of 92 frames all start at frame 0
        take.mouth[:24] = take.mouth[:24][::-1]
        take.phones[:24] = 3
    phase = replace(PHASE, frames=92)
    losses = [make_task(build(data), phase).losses(seeded()) for data in (takes, spoilt)]
    for part in ("phones", "phones_of_code", "mouth", "mouth_speed"):
        assert losses[0][part] == losses[1][part], part


def test_a_mouth_below_zero_is_as_good_as_shut() -> None:
    takes = [
        replace(take, mouth=np.zeros_like(take.mouth), phones=np.zeros_like(take.phones))
        for take in make_takes()
    ]
    task = make_task(build(takes))
    output = hearing_of(task).interpolator.mouth.output
    losses = []
    for value in (-0.5, 0.0, 0.5):
        with torch.no_grad():
            output.weight.zero_()
            output.bias.fill_(value)
        losses.append(float(task.losses(seeded())["mouth"].detach()))
    assert losses[1] == 0
    assert losses[0] == pytest.approx(losses[2] / 100)


def test_lips_touch_where_a_label_says_so() -> None:
    """A network that shows an open mouth is right about an M: the contact shuts it."""
    shut = LipContact()(
        torch.full((1, len(MOUTH_CHANNELS)), 0.5),
        F.one_hot(torch.tensor([PHONES.index("M")]), len(PHONES)).float(),
    )
    takes = [
        replace(
            take,
            mouth=np.broadcast_to(shut.numpy(), take.mouth.shape).astype(np.float16),
            phones=np.full_like(take.phones, PHONES.index("M")),
        )
        for take in make_takes()
    ]
    task = make_task(build(takes))
    output = hearing_of(task).interpolator.mouth.output
    with torch.no_grad():
        output.weight.zero_()
        output.bias.fill_(0.5)
    losses = task.losses(seeded())
    assert float(losses["mouth"].detach()) == pytest.approx(0, abs=1e-5)


def test_held_out_takes_are_judged_as_they_were_recorded_and_always_alike() -> None:
    takes = make_takes()
    task = make_task(build(takes[1:], held_out=takes[:1]))
    task.network.eval()
    once, again = task.validation_losses(), task.validation_losses()
    assert once == again and set(once) == set(task.losses(seeded()))
    assert make_task(build(takes)).validation_losses() == {}


def test_there_is_a_score_for_every_phone() -> None:
    assert Hearing(TINY).interpolator.hold.phones.out_features == len(PHONES)


def test_crops_too_short_to_be_judged_are_one_line() -> None:
    with pytest.raises(ConfigError, match=r"phases.alignment has frames = 28; give at least 32"):
        make_task(build(make_takes()), replace(PHASE, frames=28))
    assert make_task(build(make_takes()), replace(PHASE, frames=32)).losses(seeded())["total"] > 0
