from dataclasses import replace

import pytest
import torch

from tests.umo_runtime.training.test_dataset import seeded
from tests.umo_runtime.training.test_foundation import TINY, learn, make_predictor
from umo_runtime.errors import CorpusError
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.synchronisation import SynchronisationTask
from umo_runtime.training.tokens import TokenSet

PHASE = PhaseConfig(steps=30, batch=16, frames=32)
STEPS = 48


def random_tokens() -> TokenSet:
    chance = seeded(7)

    def codes(most: int, *shape: int) -> torch.Tensor:
        return torch.randint(most, shape, generator=chance).to(torch.int16)

    return TokenSet(
        codes(TINY.audio_codes, 2, STEPS, 4, TINY.audio_levels),
        codes(TINY.text_codes, STEPS, TINY.text_slots),
        codes(TINY.motion_codes, STEPS, 4, TINY.motion_levels),
        torch.tensor([0, 16, 32]),
        torch.tensor([16, 16, 16]),
    )


def test_keyframes_are_learnt_from_what_is_heard_said_and_done() -> None:
    curve = learn(SynchronisationTask(make_predictor(), PHASE, random_tokens()), steps=40)
    assert curve[-1]["total"] < 0.85 * curve[0]["total"]


def test_everything_but_the_codebooks_learns() -> None:
    predictor = make_predictor()
    SynchronisationTask(predictor, PHASE, random_tokens()).losses(seeded())["total"].backward()
    for name, value in predictor.named_parameters():
        is_frozen = name.startswith(("motion.", "audio_quantizer."))
        assert value.requires_grad != is_frozen, name
        if not is_frozen and name != "no_audio":  # stage 3 always hears
            assert value.grad is not None and value.grad.any(), name


def test_a_generator_decides_everything() -> None:
    task = SynchronisationTask(make_predictor().eval(), PHASE, random_tokens())
    once, again, other = (task.losses(seeded(seed))["total"] for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_words_are_kept_from_half_of_the_crops() -> None:
    predictor = make_predictor()
    read: list[torch.Tensor] = []
    predictor.text_embedding.register_forward_hook(
        lambda network, given, result: read.append(given[0])
    )
    tokens = random_tokens()
    tokens.text.clamp_(min=1)
    task = SynchronisationTask(predictor, replace(PHASE, batch=200), tokens)
    task.losses(seeded())
    has_text = (read[0] > 0).flatten(1)
    assert torch.equal(has_text.any(dim=1), has_text.all(dim=1))  # all of a crop or nothing
    assert 0.4 < float(has_text.all(dim=1).float().mean()) < 0.6


def test_takes_too_short_are_one_line() -> None:
    task = SynchronisationTask(make_predictor(), replace(PHASE, frames=68), random_tokens())
    with pytest.raises(CorpusError, match="no take is longer than 17 keyframe steps") as caught:
        task.losses(seeded())
    assert "\n" not in str(caught.value)
