import os
from pathlib import Path

import pytest

from engine_bridge import atomic_file
from engine_bridge.atomic_file import AtomicFile
from umo_runtime.errors import OutputError


@pytest.fixture(params=["unnamed", "hidden"])
def way(request, monkeypatch):
    """Both ways to write an unfinished file, the second as on systems other than Linux."""
    if request.param == "hidden":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no unnamed files")


@pytest.mark.usefixtures("way")
class TestBothWays:
    def test_commit(self, tmp_path):
        file = AtomicFile(tmp_path / "a.bin")
        file.stream.write(b"whole")
        assert not (tmp_path / "a.bin").exists()
        file.commit()
        assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
        assert (tmp_path / "a.bin").read_bytes() == b"whole"

    def test_discard(self, tmp_path):
        file = AtomicFile(tmp_path / "a.bin")
        file.stream.write(b"half")
        file.discard()
        file.discard()
        assert list(tmp_path.iterdir()) == []

    def test_permissions_follow_the_umask(self, tmp_path):
        before = os.umask(0o027)
        try:
            file = AtomicFile(tmp_path / "a.bin")
        finally:
            os.umask(before)
        file.commit()
        assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o640

    def test_the_longest_name_that_the_system_takes(self, tmp_path):
        path = tmp_path / ("n" * 251 + ".bin")
        AtomicFile(path).commit()
        assert path.exists()

    def test_a_folder_that_vanishes(self, tmp_path):
        folder = tmp_path / "takes"
        folder.mkdir()
        file = AtomicFile(folder / "a.bin")
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()
        with pytest.raises(OutputError, match="No such file"):
            file.commit()

    def test_a_disk_that_is_full_at_the_end(self, tmp_path, monkeypatch):
        file = AtomicFile(tmp_path / "a.bin")

        def refuse(_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(atomic_file.os, "fsync", refuse)
        with pytest.raises(OutputError, match="No space left on device"):
            file.commit()
        assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "a.bin", tmp_path / "b.bin"
    target.write_bytes(b"older")
    link.symlink_to(target)
    file = AtomicFile(link)
    file.stream.write(b"newer")
    file.commit()
    assert link.is_symlink()
    assert target.read_bytes() == b"newer"


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    AtomicFile(Path("a.bin")).commit()
    assert (tmp_path / "a.bin").exists()
