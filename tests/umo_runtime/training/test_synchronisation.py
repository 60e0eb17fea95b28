from dataclasses import replace

import pytest
import torch

from tests.umo_runtime.training.test_dataset import seeded
from tests.umo_runtime.training.test_foundation import TINY, learn, make_predictor
from umo_runtime.config import ROUTINGS, Routing
from umo_runtime.errors import CorpusError
from umo_runtime.training import synchronisation
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.synchronisation import SynchronisationTask
from umo_runtime.training.tokens import TokenCrop, TokenSet

PHASE = PhaseConfig(steps=30, batch=16, frames=32)
STEPS = 48


def random_tokens(held_out: bool = False) -> TokenSet:
    chance = seeded(7)

    def codes(most: int, *shape: int) -> torch.Tensor:
        return torch.randint(most, shape, generator=chance).to(torch.int16)

    return TokenSet(
        codes(TINY.audio_codes, 2, STEPS, 4, TINY.audio_levels),
        codes(TINY.text_codes, STEPS, TINY.text_slots),
        codes(TINY.motion_codes, STEPS, 4, TINY.motion_levels),
        torch.rand(3, 3, generator=chance),
        torch.tensor([0, 16, 32]),
        torch.tensor([16, 16, 16]),
        torch.tensor([False, False, held_out]),
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


@pytest.mark.parametrize("routing", ROUTINGS)
def test_routers_that_learn_are_told_how_uneven_they_are(routing: Routing) -> None:
    predictor = make_predictor(replace(TINY, routing=routing))
    losses = SynchronisationTask(predictor, PHASE, random_tokens()).losses(seeded())
    assert (losses["imbalance"] > 1) == (routing == "learned")
    torch.testing.assert_close(losses["total"], losses["tokens"] + 0.01 * losses["imbalance"])
    losses["total"].backward()
    for name, value in predictor.named_parameters():
        assert ".router." not in name or (value.grad is not None and value.grad.any()), name


def test_a_generator_decides_everything() -> None:
    once, again, other = (
        SynchronisationTask(make_predictor().eval(), PHASE, random_tokens()).losses(seeded(seed))[
            "total"
        ]
        for seed in (1, 1, 2)
    )
    assert once == again
    assert once != other


def test_words_are_kept_from_a_third_of_the_crops() -> None:
    predictor = make_predictor()
    read: list[torch.Tensor] = []
    predictor.text_embedding.register_forward_hook(
        lambda network, given, result: read.append(given[0])
    )
    tokens = random_tokens()
    tokens.text.clamp_(min=1)
    task = SynchronisationTask(predictor, replace(PHASE, batch=200), tokens)
    task.losses(seeded())
    has_text = (read[-1] > 0).flatten(1)
    assert torch.equal(has_text.any(dim=1), has_text.all(dim=1))  # all of a crop or nothing
    assert 0.55 < float(has_text.all(dim=1).float().mean()) < 0.75


def test_takes_too_short_are_one_line() -> None:
    task = SynchronisationTask(make_predictor(), replace(PHASE, frames=68), random_tokens())
    with pytest.raises(CorpusError, match="no take is as long as a crop") as caught:
        task.losses(seeded())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.99])
def test_a_share_of_the_batch_follows_histories_of_its_own(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = TINY.motion_codes  # a code that no true or corrupted history holds
    monkeypatch.setattr(
        synchronisation, "roll_out", lambda net, crop, chance: torch.full_like(crop.motion, marked)
    )
    histories: list[torch.Tensor] = []

    def look(net: object, crop: TokenCrop, history: torch.Tensor) -> torch.Tensor:
        assert len(crop.motion) == len(history) == 16
        assert crop.motion.max() < marked  # what is to be predicted is the truth
        histories.append(history)
        return torch.zeros(())

    monkeypatch.setattr(synchronisation, "next_token_loss", look)
    phase = replace(PHASE, own_history=share)
    SynchronisationTask(make_predictor(), phase, random_tokens()).losses(seeded())
    is_own = (histories[0] == marked).flatten(1).all(dim=1)
    assert is_own.sum() == int(16 * share)


def test_histories_are_made_anew_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def look(net: object, crop: TokenCrop, chance: torch.Generator) -> torch.Tensor:
        made.append(len(crop.motion))
        return crop.motion

    monkeypatch.setattr(synchronisation, "roll_out", look)
    monkeypatch.setattr(synchronisation, "_REFRESH_STEPS", 3)
    task = SynchronisationTask(make_predictor(), PHASE, random_tokens())
    for step in range(7):
        task.losses(seeded(step))
    assert made == [8 * 16] * 3


def test_held_out_takes_are_only_validated_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SynchronisationTask(make_predictor(), PHASE, random_tokens()).validation_losses() == {}
    tokens = random_tokens(held_out=True)
    tokens.motion[:32].clamp_(min=1)
    tokens.motion[32:] = 0
    crops: list[TokenCrop] = []

    def look(net: object, crop: TokenCrop, history: torch.Tensor) -> torch.Tensor:
        crops.append(crop)
        return torch.zeros(())

    monkeypatch.setattr(synchronisation, "next_token_loss", look)
    task = SynchronisationTask(make_predictor(), PHASE, tokens)
    for step in range(3):
        task.losses(seeded(step))
    assert all((crop.motion > 0).all() for crop in crops)
    for _ in range(2):
        task.validation_losses()
    assert torch.equal(crops[-1].audio, crops[-2].audio)
    assert not crops[-1].motion.any()
