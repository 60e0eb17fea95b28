from pathlib import Path

import pytest

import umo_runtime.training.config
from umo_runtime.config import ModelConfig
from umo_runtime.errors import ConfigError
from umo_runtime.training.config import load_config

CORPORA = """
[corpora]
librispeech = "speech.tar"
alignment = "align.jsonl"
smartbody = "motion"
facegood = "/data/faces"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "train.toml"
    path.write_text(text)
    return path


def message(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_shipped_configuration_loads() -> None:
    path = Path(umo_runtime.training.config.__file__).parent / "configs" / "base.toml"
    config = load_config(path)
    assert config.model == ModelConfig()
    assert list(config.phases) == [
        "motion_tokenizer",
        "motion_prior",
        "alignment",
        "synchronisation",
    ]
    assert config.run == path.parent / "runs/base"


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings").mkdir()
    write(tmp_path / "settings", f'run = "../run"\n{CORPORA}')
    monkeypatch.chdir(tmp_path)
    config = load_config(Path("settings/train.toml"))
    assert config.run.resolve() == tmp_path / "run"
    assert config.corpora.smartbody == tmp_path / "settings" / "motion"
    assert config.corpora.facegood == Path("/data/faces")


def test_more_speech_may_be_given(tmp_path: Path) -> None:
    corpora = load_config(write(tmp_path, CORPORA)).corpora
    assert (corpora.more_alignments, corpora.ljspeech, corpora.voices) == ((), None, ())
    more = 'more_alignments = ["b"]\nljspeech = "lj"\nljspeech_alignment = "t"\nvoices = ["/v"]'
    corpora = load_config(write(tmp_path, CORPORA + more)).corpora
    assert corpora.more_alignments == (tmp_path / "b",)
    assert (corpora.ljspeech, corpora.ljspeech_alignment) == (tmp_path / "lj", tmp_path / "t")
    assert corpora.voices == (Path("/v"),)


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, CORPORA))
    assert (config.seed, config.device, config.phases) == (0, "cpu", {})
    assert config.model == ModelConfig()
    assert config.run == tmp_path / "runs/base"


def test_values_reach_their_places(tmp_path: Path) -> None:
    text = (
        f"seed = 7\n{CORPORA}max_takes = 3\n[model]\nd_model = 64\n"
        "[phases.alignment]\nsteps = 12\nlearning_rate = 1"
    )
    config = load_config(write(tmp_path, text))
    assert (config.seed, config.corpora.max_takes, config.model.d_model) == (7, 3, 64)
    phase = config.phases["alignment"]
    assert (phase.steps, phase.learning_rate, phase.frames) == (12, 1.0, 128)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("speed = 3", "the file has unknown names ['speed']; known: ['corpora'"),
        ("[model]\nwidth = 3", "unknown model sizes ['width']"),
        ("[model]\nd_model = 0", "model.d_model is 0"),
        ("[phases.alignment]\nstep = 3", "phases.alignment has unknown names ['step']"),
        ("[phases.alignment]\nbatch = 3", "phases.alignment is incomplete"),
        ("[phases.alignment]\nsteps = 0", "phases.alignment: steps is 0"),
        ("[phases.alignment]\nsteps = true", "steps in phases.alignment is True; give a whole"),
        ("[phases.alignment]\nsteps = '3'", "steps in phases.alignment is '3'; give a whole"),
        ("[phases.alignment]\nsteps = -3", "steps in phases.alignment is -3"),
        ("[phases.alignment]\nsteps = 3\nframes = 30", "frames is 30; give a multiple of 4"),
        ("[phases.alignment]\nsteps = 3\nframes = 4", "frames is 4; give a multiple of 4"),
        ("[phases.alignment]\nsteps = 3\nlearning_rate = 0.0", "learning_rate is 0.0"),
        ("[phases.alignment]\nsteps = 3\nlearning_rate = nan", "learning_rate is nan"),
        ("[phases.alignment]\nsteps = 3\nlearning_rate = 'fast'", "is 'fast'; give a number"),
        ("[phases.alignment]\nsteps = 3\nown_history = 1.5", "own_history is 1.5; give a share"),
        ("[phases]\nalignment = 5", "phases.alignment is 5; make it a table"),
    ],
)
def test_a_wrong_value_is_one_line_that_says_where(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in message(write(tmp_path, f"{text}\n{CORPORA}"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "corpora is incomplete"),
        ("corpora = 3", "corpora is 3; make it a table, [corpora]"),
        (f"phases = 3\n{CORPORA}", "phases is 3; make it a table"),
        (f"model = []\n{CORPORA}", "model is []; make it a table"),
        (f"run = 3\n{CORPORA}", "run in the file is 3; give a path"),
        (f"device = 3\n{CORPORA}", "device in the file is 3; give a text"),
        (f"seed = -1\n{CORPORA}", "seed in the file is -1; give 0 or more"),
        (CORPORA.replace('"motion"', "5"), "smartbody in corpora is 5; give a path"),
        (f"{CORPORA}performances = 0", "corpora: performances is 0"),
        (f"{CORPORA}hearings = 0", "corpora: hearings is 0"),
        (f"{CORPORA}folder = 'x'", "corpora has unknown names ['folder']"),
        (f"{CORPORA}voices = 'x'", "voices in corpora is 'x'; give a list of paths"),
        (f"{CORPORA}voices = [3]", "voices in corpora is 3; give a path"),
        (f"{CORPORA}ljspeech = 3", "ljspeech in corpora is 3; give a path"),
        (f"{CORPORA}ljspeech = 'x'", "one of ljspeech and ljspeech_alignment is missing"),
        ("steps: 3", "is not TOML"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_where(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in message(write(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "cannot read" in message(tmp_path / "missing.toml")
    assert "give a TOML file" in message(tmp_path)  # a folder
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "is not TOML" in message(binary)
