import torch

from umo_runtime.training.room_echo import _echo, add_echo


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_direct_sound_comes_first_and_is_the_loudest() -> None:
    click = torch.zeros(64, 8000)
    click[:, 100] = 1.0
    heard = add_echo(click, seeded(0))
    assert heard[:, :100].abs().max() < 1e-5
    assert (heard[:, 100] > 0.99).all()
    assert heard[:, 101:].abs().max() < 0.6
    in_a_room = heard[:, 101:].abs().amax(dim=1) > 0
    assert 0.15 < in_a_room.float().mean() < 0.55


def test_echoes_begin_with_reflections_and_die_away() -> None:
    echo = _echo(200, seeded(1))
    power = echo.square()
    assert power.sum(dim=1).sqrt().max() <= 0.5 + 1e-4
    assert not echo[:, :16].any()
    early, late = power[:, :800].sum(dim=1), power[:, -800:].sum(dim=1)
    assert (late < 0.2 * early).all()
    strongest = power[:, :800].amax(dim=1) / power[:, :800].mean(dim=1)
    assert strongest.median() > 30  # a tail alone has about 12
