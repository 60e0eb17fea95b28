from collections.abc import Callable
from pathlib import Path

import pytest

from umo_runtime.cli import extras
from umo_runtime.cli.commands.train import Stage
from umo_runtime.cli.main import main

CORPORA = "".join(
    f'{name} = "nowhere"\n' for name in ("librispeech", "alignment", "smartbody", "facegood")
)
PHASES = "".join(
    f"[phases.{name}]\nsteps = 1\n"
    for name in ("motion_tokenizer", "motion_prior", "alignment", "synchronisation")
)
COMMANDS = (["train", "foundation"], ["export", "--folder", "weights"])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good configuration of corpora that are not there, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.toml"
    path.write_text(f'run = "run"\n[corpora]\n{CORPORA}{PHASES}')
    return path


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(list(map(str, arguments))) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith("umo: ")
    return line


def test_stages_of_the_command_are_those_of_training() -> None:
    from umo_runtime.training.stages import STAGES

    assert [stage.value for stage in Stage] == list(STAGES)


def test_the_stage_and_the_configuration_reach_the_training(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from umo_runtime.training import stages

    runs: list[tuple[str, Path]] = []
    monkeypatch.setattr(stages, "run_stage", lambda stage, made: runs.append((stage, made.run)))
    assert main(["train", "alignment", "--config", str(config)]) == 0
    assert runs == [("alignment", config.parent / "run")]


def test_without_the_configuration_the_help_is_shown_the_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = refusal(capsys, "train", "foundation")
    assert "--config" in line
    assert line.endswith("umo train --help")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: path.unlink(), "cannot read"),
        (lambda path: path.write_text("steps: 3"), "is not TOML"),
        (lambda path: path.write_text("[corpora]"), "corpora is incomplete"),
        (lambda path: path.write_text(f"sped = 3\n[corpora]\n{CORPORA}"), "['sped']"),
        (lambda path: path.write_text(f"[corpora]\n{CORPORA}[model]\nd_model = 255"), "d_model"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_configuration_is_one_line(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    write: Callable[[Path], object],
    reason: str,
) -> None:
    write(config)
    assert reason in refusal(capsys, *command, "--config", config)
    assert not (config.parent / "weights").exists()
    assert not (config.parent / "run").exists()


def test_an_unknown_stage_is_named(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'polishing'" in refusal(capsys, "train", "polishing", "--config", config)


def test_missing_corpora_are_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refusal(capsys, "train", "foundation", "--config", config)
    assert str(config.parent / "nowhere") in line


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--folder", "weights"], "there is nothing to do; give --config, --engines, or both"),
        (["--config", "base.toml"], "nobody says where the weights of base.toml go; give --folder"),
    ],
)
def test_an_export_of_nothing_or_to_nowhere(
    capsys: pytest.CaptureFixture[str], given: list[str], expected: str
) -> None:
    assert expected in refusal(capsys, "export", *given)


def test_an_untrained_run_cannot_be_exported(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "export", "--folder", "weights", "--config", config)
    assert "no checkpoint" in line
    assert "umo train" in line
    assert not (config.parent / "weights").exists()


@pytest.mark.parametrize(
    ("command", "package"),
    [*((COMMANDS[0], p) for p in ("torch", "tensorboard", "scipy")), (COMMANDS[1], "onnxscript")],
)
def test_a_missing_package_is_one_line_with_the_cure(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    package: str,
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == package else object())
    line = refusal(capsys, *command, "--config", config)
    assert line == f"umo: {package} is not installed; run: pip install 'umo-runtime[train]'"
