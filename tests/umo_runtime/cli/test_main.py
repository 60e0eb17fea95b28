import subprocess
import sys

import pytest

from umo_runtime.cli import speech_job
from umo_runtime.cli.main import main

HEAVY = {"numpy", "onnxruntime", "torch", "ray", "tokenizers", "soundfile", "PIL"}


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["demo", "--help"], []])
def test_help_teaches_without_loading_anything_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from umo_runtime.cli.main import main; code = main(sys.argv[1:]); "
        f"print(*{HEAVY!r} & set(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr.split() == []
    assert "umo" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run"], "Missing argument"),
        (["fly"], "No such command"),
        (["run", "a.wav", "--fps", "50"], "'50' is not one of '30', '60'"),
        (["run", "a.wav", "--fly"], "No such option"),
        (["run", "a.wav", "--seed", "-1"], "--seed"),
    ],
)
def test_a_wrong_command_line_is_one_line_that_leads_to_the_help(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert reason in line
    assert line.endswith("--help")


def test_ctrl_c_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(job: speech_job.SpeechJob) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(speech_job, "run_job", interrupt)
    assert main(["run", "a.wav"]) == 130
    assert capsys.readouterr().err == "umo: interrupted\n"


def test_a_bug_of_ours_is_not_dressed_up_as_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(job: speech_job.SpeechJob) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(speech_job, "run_job", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["run", "a.wav"])
