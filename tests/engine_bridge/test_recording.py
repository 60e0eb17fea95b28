import math
import os

import pytest

from engine_bridge import RECORDING_SUFFIXES, open_recorder
from umo_runtime.errors import ConfigError, OutputError


def fault(path, fps=30):
    with pytest.raises(OutputError) as caught:
        open_recorder(path, fps)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("suffix", [*RECORDING_SUFFIXES, ".NPZ", ".Bvh"])
def test_the_suffix_names_the_format(tmp_path, suffix):
    path = tmp_path / f"take{suffix}"
    open_recorder(str(path), 30).close()
    starts = {
        ".npz": b"PK",
        ".bvh": b"HIERARCHY\n",
        ".csv": b"Timecode,BlendShapeCount,",
        ".vrma": b"glTF",
        ".glb": b"glTF",
    }
    assert path.read_bytes().startswith(starts[suffix.lower()])


@pytest.mark.parametrize("name", ["take", "take.fbx", "take.npz.gz", ".npz", ""])
def test_an_unknown_suffix_lists_the_known_ones(tmp_path, name):
    message = fault(tmp_path / "folder.x" / name)
    assert "end its name in one of .npz, .bvh, .csv, .vrma, .glb" in message


def test_a_missing_folder(tmp_path):
    assert "does not exist; create it first" in fault(tmp_path / "missing" / "take.npz")


def test_a_file_for_a_folder(tmp_path):
    (tmp_path / "file").touch()
    assert "does not exist" in fault(tmp_path / "file" / "take.npz")


def test_a_folder_for_a_target(tmp_path):
    (tmp_path / "take.npz").mkdir()
    assert "is a folder; name a file in it" in fault(tmp_path / "take.npz")


def test_a_pipe_for_a_target(tmp_path):
    os.mkfifo(tmp_path / "take.csv")
    assert "is not a regular file" in fault(tmp_path / "take.csv")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # tests may run as root, who may write anywhere
    message = fault(tmp_path / "take.npz")
    assert "cannot write" in message
    assert "Permission denied; choose another place" in message


def test_a_write_protected_target(tmp_path, monkeypatch):
    (tmp_path / "take.npz").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "is write-protected" in fault(tmp_path / "take.npz")


@pytest.mark.parametrize(
    "name", ["n" * 300 + ".npz", "a/" * 3000 + "take.npz", "nul\0.npz", "two\nlines/take.npz"]
)
def test_names_that_no_system_takes(tmp_path, name):
    assert fault(tmp_path / name)


def test_a_fault_leaves_nothing(tmp_path):
    with pytest.raises(ConfigError):
        open_recorder(tmp_path / "take.bvh", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fps", [0, -30, math.nan, math.inf])
def test_a_rate_out_of_range(tmp_path, fps):
    with pytest.raises(ConfigError, match="give a number above 0"):
        open_recorder(tmp_path / "take.bvh", fps)
