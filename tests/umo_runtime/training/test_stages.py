from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.umo_runtime.training.test_dataset import random_take
from tests.umo_runtime.training.test_foundation import TINY
from umo_runtime.errors import ConfigError, CorpusError, UmoError, WeightsError
from umo_runtime.export.checkpoint import load_run
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training import stages
from umo_runtime.training.config import CorporaConfig, PhaseConfig, TrainConfig
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.training.phase import Task
from umo_runtime.training.stages import STAGES, run_stage
from umo_runtime.training.take_file import save_takes
from umo_runtime.training.tokens import TokenSet

PHASE = PhaseConfig(steps=2, batch=4, frames=32)
PHASES = ("motion_tokenizer", "motion_prior", "alignment", "synchronisation")


def make_config(run: Path) -> TrainConfig:
    """A run whose takes have been made."""
    nowhere = run / "nowhere"
    corpora = CorporaConfig(nowhere, nowhere, nowhere, nowhere, hearings=2)
    run.mkdir(exist_ok=True)
    words = (Span("hello", 0.2, 0.5), Span("there", 0.6, 0.8))
    save_takes([random_take(seed, words=words) for seed in range(3)], run / "takes.npz")
    return TrainConfig(run, corpora, dict.fromkeys(PHASES, PHASE), model=TINY)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    config = make_config(tmp_path_factory.mktemp("run"))
    for stage in STAGES:
        run_stage(stage, config)
    return config


def fail(stage: str, config: TrainConfig, kind: type[UmoError]) -> str:
    with pytest.raises(kind) as caught:
        run_stage(stage, config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def network(config: TrainConfig, phase: str) -> dict[str, torch.Tensor]:
    content = torch.load(config.run / f"{phase}.pt", weights_only=True)
    weights: dict[str, torch.Tensor] = content["network"]
    return weights


def test_three_stages_leave_what_the_export_needs(trained: TrainConfig) -> None:
    networks = load_run(trained.run, trained.model)
    assert networks.steps == {"motion_tokenizer": 2, "alignment": 2, "synchronisation": 2}
    assert TextTokenizer.load(trained.run / "text.json").num_codes <= TINY.text_codes
    assert {path.name for path in (trained.run / "curves").iterdir()} == set(PHASES)
    assert not list(trained.run.glob("*.partial"))


def test_later_stages_do_not_move_the_codes_of_earlier_ones(trained: TrainConfig) -> None:
    last = network(trained, "synchronisation")
    for name, value in network(trained, "motion_tokenizer").items():
        assert torch.equal(last[f"motion.{name}"], value), name
    for name, value in network(trained, "alignment").items():
        if name.startswith("tokenizer.quantizer."):
            place = name.replace("tokenizer.quantizer.", "audio_quantizer.")
            assert torch.equal(last[place], value), name


def test_the_last_stage_starts_from_the_prior(
    trained: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, torch.Tensor]] = []

    def look(task: Task, *rest: object) -> None:
        started.append(task.network.state_dict())

    monkeypatch.setattr(stages, "run_phase", look)
    run_stage("synchronisation", trained)
    for name, value in network(trained, "motion_prior").items():
        if not name.startswith("audio_quantizer."):
            assert torch.equal(started[0][name], value), name


def test_tokens_are_made_again_when_a_tokenizer_has_changed(
    trained: TrainConfig, tmp_path: Path
) -> None:
    config = make_config(tmp_path)
    for path in trained.run.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    tokens = tmp_path / "tokens.npz"
    before = tokens.read_bytes()
    run_stage("synchronisation", config)
    assert tokens.read_bytes() == before
    checkpoint = torch.load(tmp_path / "alignment.pt", weights_only=True)
    checkpoint["network"]["tokenizer.quantizer.codebooks"] *= -1
    torch.save(checkpoint, tmp_path / "alignment.pt")
    (tmp_path / "synchronisation.pt").unlink()
    old = TokenSet.load(tokens)
    run_stage("synchronisation", config)
    new = TokenSet.load(tokens)
    assert not torch.equal(old.audio, new.audio)
    assert torch.equal(old.motion, new.motion)


def test_held_out_speakers_are_validated_on(trained: TrainConfig) -> None:
    for phase in ("motion_tokenizer", "motion_prior", "synchronisation"):
        content = torch.load(trained.run / f"{phase}.pt", weights_only=True)
        assert content["validation"][2]["total"] > 0
    assert TokenSet.load(trained.run / "tokens.npz").is_held_out.tolist() == [False, False, True]


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens without a GPU")
def test_a_missing_gpu_is_told_before_anything_is_made(tmp_path: Path) -> None:
    config = replace(make_config(tmp_path / "run"), device="cuda")
    assert "no GPU" in fail("foundation", config, ConfigError)


def test_an_unknown_stage_is_named_with_the_known_ones(tmp_path: Path) -> None:
    message = fail("polishing", make_config(tmp_path), ConfigError)
    assert "'polishing'" in message
    assert "foundation, alignment, synchronisation" in message


@pytest.mark.parametrize(
    ("stage", "phase"),
    [
        ("foundation", "motion_tokenizer"),
        ("foundation", "motion_prior"),
        ("alignment", "alignment"),
        ("synchronisation", "synchronisation"),
    ],
)
def test_a_phase_that_is_not_configured_is_named_before_any_work(
    tmp_path: Path, stage: str, phase: str
) -> None:
    config = make_config(tmp_path)
    config = replace(config, phases={k: v for k, v in config.phases.items() if k != phase})
    assert f"has no [phases.{phase}]" in fail(stage, config, ConfigError)
    assert [path.name for path in tmp_path.iterdir()] == ["takes.npz"]


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("synchronisation", "motion_tokenizer.pt"),
        ("synchronisation", "alignment.pt"),
        ("synchronisation", "motion_prior.pt"),
    ],
)
def test_a_stage_too_early_says_so(
    trained: TrainConfig, tmp_path: Path, stage: str, missing: str
) -> None:
    config = make_config(tmp_path)
    for path in trained.run.glob("*.pt"):
        if path.name not in (missing, "synchronisation.pt"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    message = fail(stage, config, WeightsError)
    assert missing in message
    assert "train the earlier stage first" in message


def test_a_run_of_other_sizes_is_refused(trained: TrainConfig) -> None:
    for stage, size in (("alignment", "face_hidden"), ("synchronisation", "motion_hidden")):
        wider = replace(trained, model=replace(TINY, **{size: 24}))
        assert "does not fit the configured model" in fail(stage, wider, WeightsError)


def test_missing_corpora_are_one_line(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    (tmp_path / "takes.npz").unlink()
    assert "nowhere" in fail("foundation", config, CorpusError)
