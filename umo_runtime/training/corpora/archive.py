"""The files of a corpus, whether it is a folder or an uncompressed tar."""

import tarfile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from umo_runtime.errors import CorpusError


class Archive:
    """Read-only files by their path inside a folder or a tar; a context manager.

    Args:
        path: the folder or the tar.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tar: tarfile.TarFile | None = None
        self._members: dict[str, tarfile.TarInfo] = {}
        if path.is_dir():
            return
        try:
            self._tar = tarfile.open(path)  # noqa: SIM115 closed by __exit__
        except (OSError, tarfile.TarError) as error:
            raise CorpusError(
                f"{path} is neither a folder nor a readable tar ({error}); give the corpus's path"
            ) from error
        self._members = {
            str(PurePosixPath(member.name)): member for member in self._tar if member.isfile()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._tar is not None:
            self._tar.close()

    def names(self) -> list[str]:
        """Paths of all files, sorted, with forward slashes."""
        if self._tar is not None:
            return sorted(self._members)
        files = (path for path in self._path.rglob("*") if path.is_file())
        return sorted(path.relative_to(self._path).as_posix() for path in files)

    def read(self, name: str) -> bytes:
        """Contents of one file of `names()`."""
        if self._tar is None:
            return (self._path / name).read_bytes()
        stream = self._tar.extractfile(self._members[name])
        assert stream is not None  # only regular files are listed
        return stream.read()
