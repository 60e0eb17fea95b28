from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from umo_runtime.cli.main import main

pytestmark = pytest.mark.usefixtures("fake_engine")


def test_the_demo_writes_recordings_and_a_picture_and_says_what_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runs" / "demo"
    assert main(["demo", "--folder", str(folder)]) == 0
    printed = capsys.readouterr().out
    names = ["demo.bvh", "demo.csv", "demo.glb", "demo.npz", "demo.png"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert all(str(folder / name) in printed for name in names)
    assert "umo run" in printed
    with np.load(folder / "demo.npz") as motion, Image.open(folder / "demo.png") as picture:
        assert len(motion["times"]) > 100
        assert picture.width > 500


def test_the_demo_takes_directions_and_refuses_what_nobody_can_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", "--folder", str(folder), "--gaze", "sideways"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "give YAW,PITCH in degrees" in line
    assert not folder.exists()
    assert main(["demo", "--folder", str(folder), "--emotion", "joy", "--calmness", "0.1"]) == 0


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--folder", str(tmp_path / "file" / "demo")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot create the folder" in line
