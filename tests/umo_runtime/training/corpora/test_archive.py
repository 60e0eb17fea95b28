import tarfile
from pathlib import Path

import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.archive import Archive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "corpus"
    (root / "deep").mkdir(parents=True)
    (root / "b.txt").write_bytes(b"b")
    (root / "deep" / "a.txt").write_bytes(b"a")
    return root


@pytest.fixture
def tar(folder: Path) -> Path:
    path = folder.with_suffix(".tar")
    with tarfile.open(path, "w") as packed:
        packed.add(folder, ".")
    return path


@pytest.mark.parametrize("kind", ["folder", "tar"])
def test_folder_and_tar_read_alike(kind: str, request: pytest.FixtureRequest) -> None:
    with Archive(request.getfixturevalue(kind)) as archive:
        assert archive.names() == ["b.txt", "deep/a.txt"]
        assert archive.read("deep/a.txt") == b"a"


def test_neither_folder_nor_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"no tar at all")
    for path in (tmp_path / "x.tar", tmp_path / "missing"):
        with pytest.raises(CorpusError, match="neither a folder nor a readable tar"):
            Archive(path)
