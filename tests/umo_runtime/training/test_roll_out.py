import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.training.test_dataset import seeded
from tests.umo_runtime.training.test_foundation import TINY, make_predictor
from umo_runtime.training.roll_out import RolledOut, own_steps, roll_out
from umo_runtime.training.tokens import TokenCrop

STEPS = 20


def random_crop(batch: int = 12) -> TokenCrop:
    chance = seeded(7)

    def codes(most: int, *shape: int) -> torch.Tensor:
        return torch.randint(most, (batch, STEPS, *shape), generator=chance)

    return TokenCrop(
        codes(TINY.audio_codes, 4, TINY.audio_levels),
        codes(TINY.text_codes, TINY.text_slots),
        codes(TINY.motion_codes, 4, TINY.motion_levels),
        torch.rand(batch, STEPS, 3, generator=chance),
    )


@given(steps=st.integers(1, 80), seed=st.integers(0, 2**31))
def test_runs_begin_with_the_truth_and_are_short(steps: int, seed: int) -> None:
    is_own = own_steps(6, steps, seeded(seed))
    assert is_own.shape == (6, steps)
    assert not is_own[:, 0].any()
    for row in is_own.int().tolist():
        runs = "".join(map(str, row)).replace("0", " ").split()
        assert all(len(run) <= 8 for run in runs)


def test_about_half_of_the_steps_are_the_predictors_own() -> None:
    assert 0.42 < own_steps(400, 64, seeded()).float().mean() < 0.55


def test_only_own_steps_differ_from_the_truth() -> None:
    crop, predictor = random_crop(), make_predictor().eval()
    history = roll_out(predictor, crop, seeded(3))
    is_own = own_steps(12, STEPS, seeded(3))
    same = (history == crop.motion).flatten(2).all(dim=2)
    assert same[~is_own].all()
    assert same[is_own].float().mean() < 0.1
    assert torch.equal(history, roll_out(predictor, crop, seeded(3)))
    assert not torch.equal(history, roll_out(predictor, crop, seeded(4)))


def test_a_run_is_what_a_stream_would_draw_after_that_history() -> None:
    """The likeliest code of `forward` is drawn at every own step when uniforms do not matter."""
    crop, predictor = random_crop(), make_predictor().eval()
    predictor.temperature.fill_(1e-4)
    history = roll_out(predictor, crop, seeded(3))
    is_own = own_steps(12, STEPS, seeded(3))
    logits = predictor(
        crop.audio[:, :-1],
        crop.text[:, :-1],
        history[:, :-1],
        torch.ones(12),
        crop.controls[:, :-1],
        told=history[:, 1:],
    )
    likeliest = logits.argmax(dim=-1).unflatten(-1, (TINY.motion_levels, 4)).transpose(-1, -2)
    agree = (likeliest == history[:, 1:])[is_own[:, 1:]]
    assert agree.float().mean() > 0.99  # but for ties


def test_rows_keep_their_history() -> None:
    crop = random_crop()
    drawn = RolledOut(crop, crop.motion).draw(30, seeded())
    assert torch.equal(drawn.history, drawn.crop.motion)
    assert len(drawn.history.flatten(1).unique(dim=0)) > 5
