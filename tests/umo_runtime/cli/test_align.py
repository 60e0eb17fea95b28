from pathlib import Path

import pytest

from umo_runtime.cli import extras
from umo_runtime.cli.main import main


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["align", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_counts_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    align_speech = pytest.importorskip("umo_runtime.training.corpora.align_speech")
    asked: list[object] = []

    def aligned(*arguments: object) -> object:
        asked.extend(arguments)
        return align_speech.Counts(aligned=3, aligned_s=5400.0, rejected=1, known=2)

    monkeypatch.setattr(align_speech, "align_speech", aligned)
    out = tmp_path / "times.jsonl"
    given = ["a.tar", "b", "--out", str(out), "--known", "old.jsonl", "--split", "test"]
    assert main(["align", *given]) == 0
    assert asked[:4] == [[Path("a.tar"), Path("b")], out, (Path("old.jsonl"),), "test"]
    told = " ".join(capsys.readouterr().err.split())
    assert "3 aligned (1.50 h), 1 rejected" in told
    assert "2 known before" in told


def test_missing_speech_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pocketsphinx")
    line = refusal(capsys, str(tmp_path / "gone"), "--out", str(tmp_path / "times.jsonl"))
    assert "gone is neither a folder nor a readable tar" in line


def test_a_missing_aligner_is_one_line_with_the_cure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    line = refusal(capsys, "a", "--out", "b")
    assert line == "umo: pocketsphinx is not installed; run: pip install 'umo-runtime[train]'"
