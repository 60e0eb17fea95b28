import json

import pytest

from umo_runtime.cli.main import main


def test_a_table_whose_last_column_is_an_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ports", "ada", "bartholomew"]) == 0
    header, ada, other = capsys.readouterr().out.splitlines()
    assert header.split() == ["stream", "from", "port", "--output"]
    assert ada.split() == ["ada", "29539", "vmc://127.0.0.1:39539?source_port=29539"]
    assert other.index("vmc") == ada.index("vmc") == header.index("--output")


def test_json_on_stdout_and_in_a_file(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ports.json"
    options = ["--output", "vmc://pc:40001?fingers=false", "--source-port", "20001"]
    assert main(["ports", "--count", "100", *options, "--out", str(path), "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert json.loads(path.read_text()) == plan
    assert len(plan) == 100
    assert plan[1] == {
        "stream": "avatar-2",
        "receivers": [["pc", 40002]],
        "source_port": 20002,
        "output": "vmc://pc:40002?fingers=false&source_port=20002",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give the names of the avatars, or --count N"),
        (["ada", "--count", "2"], "give the names of the avatars, or --count N"),
        (["ada", "ada"], "stream 'ada' comes twice"),
        (["--count", "20000"], "port 39539 is both a receiver's and a source"),
        (["--count", "30000"], "30000 avatars need port 69538"),
        (["ada", "--out", "/nowhere/plan.json"], "folder '/nowhere' does not exist"),
    ],
)
def test_bad_input_is_one_line(arguments, message, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ports", *arguments]) == 2
    caught = capsys.readouterr()
    assert message in caught.err
    assert len(caught.err.splitlines()) == 1
    assert caught.out == ""
