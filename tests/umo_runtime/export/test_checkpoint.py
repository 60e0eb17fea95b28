import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.umo_runtime.export.tiny_bundle import STEPS, write_run
from tests.umo_runtime.predictor.tiny_networks import TINY, tiny_predictor, tiny_tokenizer
from umo_runtime.config import ModelConfig
from umo_runtime.errors import WeightsError
from umo_runtime.export.checkpoint import PHASES, load_run


@pytest.fixture(scope="module")
def good_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("good_run")
    write_run(run)
    return run


@pytest.fixture
def run(good_run: Path, tmp_path: Path) -> Path:
    """A run of one's own, to damage."""
    return Path(shutil.copytree(good_run, tmp_path / "run"))


def _assert_refused(run: Path, message: str, config: ModelConfig = TINY) -> None:
    with pytest.raises(WeightsError, match=message) as info:
        load_run(run, config)
    assert "\n" not in str(info.value)


def test_networks_come_back_as_they_were_trained(good_run: Path) -> None:
    networks = load_run(good_run, TINY)
    tokenizer = tiny_tokenizer()
    for loaded, trained in (
        (networks.tokenizer, tokenizer),
        (networks.predictor, tiny_predictor(tokenizer)),
    ):
        expected = trained.state_dict()
        assert loaded.state_dict().keys() == expected.keys()
        assert all(torch.equal(v, expected[name]) for name, v in loaded.state_dict().items())
        assert not loaded.training
    assert networks.steps == STEPS


@pytest.mark.parametrize("phase", PHASES)
def test_a_stage_that_was_not_trained(run: Path, phase: str) -> None:
    (run / f"{phase}.pt").unlink()
    _assert_refused(run, rf"no checkpoint .*{phase}\.pt; run `umo train`")


def test_no_run_at_all(tmp_path: Path) -> None:
    _assert_refused(tmp_path / "nowhere", "no checkpoint")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("keep", [0, 1, 700])
def test_a_truncated_checkpoint(run: Path, phase: str, keep: int) -> None:
    path = run / f"{phase}.pt"
    path.write_bytes(path.read_bytes()[:keep])
    _assert_refused(run, rf"{phase}\.pt is corrupted .*; train its stage again")


@pytest.mark.parametrize(
    "content", [{}, {"step": 1}, {"network": {}}, {"step": "x", "network": {}}, [1], None]
)
def test_a_checkpoint_of_something_else(run: Path, content: Any) -> None:
    torch.save(content, run / "alignment.pt")
    _assert_refused(run, r"alignment\.pt is corrupted")


@pytest.mark.parametrize("size", ["audio_channels", "d_model", "motion_codes", "face_hidden"])
def test_other_sizes_than_it_was_trained_with(run: Path, size: str) -> None:
    sizes = TINY.as_dict()
    sizes[size] *= 2
    _assert_refused(run, "do not fit the configured model", ModelConfig(**sizes))
