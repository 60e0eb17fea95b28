from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.umo_runtime.training.test_dataset import build, random_take
from tests.umo_runtime.training.test_foundation import TINY
from umo_runtime.errors import WeightsError
from umo_runtime.training import phase
from umo_runtime.training.config import PhaseConfig
from umo_runtime.training.foundation import MotionTokenizerTask
from umo_runtime.training.phase import _schedule, load_network, run_phase, save_checkpoint

PHASE = PhaseConfig(steps=12, batch=16, save_every=5, learning_rate=1e-2)


class Interrupted(MotionTokenizerTask):
    """Stops like a power cut when it is asked for its nth batch.

    Takes chance from the global generator too, as codebooks do when a code dies.
    """

    left = 10**6

    def losses(self, generator: torch.Generator) -> dict[str, Tensor]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        losses = super().losses(generator)
        return {**losses, "total": losses["total"] * (1 + torch.rand(()))}


def make_task(stop_after: int = 10**6) -> Interrupted:
    torch.manual_seed(5)
    task = Interrupted(TINY, PHASE, build([random_take(n) for n in range(3)]))
    task.left = stop_after
    return task


def content(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(folder / "motion_tokenizer.pt", weights_only=True)
    return loaded


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert_same(value, other[key])
    else:
        assert one == other


@given(steps=st.integers(2, 5000))
def test_the_rate_warms_up_and_then_falls_to_a_twentieth(steps: int) -> None:
    rates = [_schedule(step, steps) for step in range(steps)]
    peak = rates.index(max(rates))
    assert peak <= max(1, min(200, steps // 10))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert all(0.05 <= rate <= 1.0 for rate in rates[peak:])
    assert rates[0] > 0
    assert max(rates) == 1.0
    assert _schedule(steps, steps) == pytest.approx(0.05)


@pytest.mark.parametrize(("stop_after", "kept"), [(3, None), (5, 5), (8, 5), (11, 10)])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    tmp_path: Path, stop_after: int, kept: int | None
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    run_phase(make_task(), PHASE, whole, seed=1)
    with pytest.raises(KeyboardInterrupt):
        run_phase(make_task(stop_after), PHASE, broken, seed=1)
    assert (content(broken)["step"] if kept else None) == kept
    again = make_task()
    torch.manual_seed(99)  # whatever happened before the new start must not matter
    run_phase(again, PHASE, broken, seed=1)
    assert content(whole)["step"] == 12
    assert_same(content(whole), content(broken))


def test_seeds_make_different_runs(tmp_path: Path) -> None:
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        run_phase(make_task(), PHASE, tmp_path / str(seed), seed)
    one, two = (content(tmp_path / str(seed))["network"] for seed in (1, 2))
    assert any(not torch.equal(one[key], two[key]) for key in one)


def test_a_finished_phase_is_left_alone(tmp_path: Path) -> None:
    run_phase(make_task(), PHASE, tmp_path, seed=1)
    before = (tmp_path / "motion_tokenizer.pt").read_bytes()
    task = make_task(stop_after=0)
    run_phase(task, PHASE, tmp_path, seed=1)
    assert (tmp_path / "motion_tokenizer.pt").read_bytes() == before
    assert not task.network.training
    assert_same(dict(task.network.state_dict()), dict(content(tmp_path)["network"]))


def test_curves_are_written_beside_the_checkpoint(tmp_path: Path) -> None:
    run_phase(make_task(), PHASE, tmp_path, seed=1)
    (curve,) = (tmp_path / "curves" / "motion_tokenizer").iterdir()
    assert b"motion_tokenizer/total" in curve.read_bytes()
    assert not list(tmp_path.glob("*.partial"))


def test_what_must_not_learn_does_not(tmp_path: Path) -> None:
    task = make_task()
    frozen = task.network.get_submodule("encoders")
    frozen.requires_grad_(False)
    before = [value.clone() for value in frozen.parameters()]
    run_phase(task, PHASE, tmp_path, seed=1)
    assert_same(dict(enumerate(before)), dict(enumerate(frozen.parameters())))


class Validated(Interrupted):
    """Knows how well it does, and is asked only when it is not learning."""

    def validation_losses(self) -> dict[str, Tensor]:
        assert not self.network.training
        assert not torch.is_grad_enabled()
        torch.rand(())  # chance that must not reach the steps
        return {"total": self.network.state_dict()["mean"].sum()}


def make_validated() -> Validated:
    torch.manual_seed(5)
    return Validated(TINY, PHASE, build([random_take(n) for n in range(3)]))


def test_validation_is_recorded_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phase, "_VALIDATE_EVERY", 4)
    with_it, without = tmp_path / "with", tmp_path / "without"
    for folder, task in ((with_it, make_validated()), (without, make_task())):
        folder.mkdir()
        run_phase(task, PHASE, folder, seed=1)
    assert_same(content(with_it)["network"], content(without)["network"])
    record = content(with_it)["validation"]
    assert list(record) == [4, 8, 12]
    assert record[12] == {"total": float(content(with_it)["network"]["mean"].sum())}
    (curve,) = (with_it / "curves" / "motion_tokenizer").iterdir()
    assert b"motion_tokenizer/held_out/total" in curve.read_bytes()


def test_the_record_goes_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phase, "_VALIDATE_EVERY", 4)
    task = make_validated()
    task.left = 8
    with pytest.raises(KeyboardInterrupt):
        run_phase(task, PHASE, tmp_path, seed=1)
    assert list(content(tmp_path)["validation"]) == [4]
    run_phase(make_validated(), PHASE, tmp_path, seed=1)
    assert list(content(tmp_path)["validation"]) == [4, 8, 12]


def save(path: Path, network: nn.Module) -> None:
    save_checkpoint(path, network, torch.optim.SGD(network.parameters(), 0.1), 7)


def test_a_checkpoint_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.pt"
    save(path, nn.Linear(2, 2))
    before = path.read_bytes()

    def run_out_of_space(content: object, path: Path) -> None:
        path.write_bytes(b"half a check")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", run_out_of_space)
    with pytest.raises(OSError, match="disk full"):
        save(path, nn.Linear(2, 2))
    assert path.read_bytes() == before


def test_weights_come_back(tmp_path: Path) -> None:
    saved, loaded = nn.Linear(3, 2), nn.Linear(3, 2)
    save(tmp_path / "x.pt", saved)
    assert load_network(tmp_path / "x.pt", loaded) == 7
    assert torch.equal(saved.weight, loaded.weight)


def write_sizes(path: Path) -> None:
    save(path, nn.Linear(3, 5))


def write_other_names(path: Path) -> None:
    save(path, nn.Sequential(nn.Linear(3, 2)))


def write_half(path: Path) -> None:
    save(path, nn.Linear(3, 2))
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (write_sizes, "does not fit the configured model (size mismatch"),
        (write_other_names, "does not fit the configured model"),
        (lambda path: torch.save({"network": nn.Linear(3, 2).state_dict()}, path), "'step'"),
        (lambda path: torch.save({"step": 3}, path), "'network'"),
        (lambda path: torch.save(torch.zeros(3), path), "is not a checkpoint"),
        (lambda path: path.write_bytes(b"not a checkpoint"), "is damaged; delete it"),
        (lambda path: path.write_bytes(b""), "is damaged; delete it"),
        (write_half, "is damaged; delete it"),
        (lambda path: None, "train the earlier stage first"),
    ],
)
def test_a_wrong_checkpoint_is_one_line(
    tmp_path: Path, write: Callable[[Path], None], reason: str
) -> None:
    path = tmp_path / "x.pt"
    write(path)
    with pytest.raises(WeightsError) as caught:
        load_network(path, nn.Linear(3, 2))
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_refuses_the_checkpoint_of_another_model(tmp_path: Path) -> None:
    save(tmp_path / "motion_tokenizer.pt", nn.Linear(3, 2))
    with pytest.raises(WeightsError, match="another run folder"):
        run_phase(make_task(), PHASE, tmp_path, seed=1)
