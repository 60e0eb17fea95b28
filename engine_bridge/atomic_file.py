"""A file that appears whole or not at all.

Where the system can (Linux), the unfinished file has no name, so that not even a killed process
leaves anything behind; elsewhere it is a hidden file beside the target.
"""

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO, cast

from umo_runtime.errors import OutputError

_OPEN_DESCRIPTORS = Path("/proc/self/fd")
_MODE = 0o666  # less the process's umask, as `open` does


class AtomicFile:
    """Writes beside `path`; `commit` puts the result in place of whatever was there.

    Args:
        path: the target; a symbolic link is followed.

    Attributes:
        path: the target as given.
        stream: the open file, seekable.

    Raises:
        OutputError: the target cannot be written; found now rather than after an hour.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._target = Path(os.path.realpath(path))
            _check_target(self._target, path)
            descriptor, self._name = _open_beside(self._target)
        except (OSError, ValueError) as error:
            raise _cannot_write(path, error) from error
        self.stream = cast(BinaryIO, os.fdopen(descriptor, "w+b"))

    def commit(self) -> None:
        """Flush to the disk and put the file in place.

        Raises:
            OutputError: the disk is full or the folder is gone; nothing is left behind.
        """
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self._name = self._name or _give_name(self.stream.fileno(), self._target)
            self.stream.close()
            os.replace(self._name, self._target)
        except OSError as error:
            self.discard()
            raise _cannot_write(self.path, error) from error

    def discard(self) -> None:
        """Leave nothing behind. Never raises."""
        with contextlib.suppress(OSError):  # closing flushes, which a full disk refuses
            self.stream.close()
        if self._name is not None:
            with contextlib.suppress(OSError):
                self._name.unlink()


def _check_target(target: Path, path: Path) -> None:
    if target.is_dir():
        raise OutputError(f"{str(path)!r} is a folder; name a file in it")
    if not target.parent.is_dir():
        raise OutputError(f"folder {str(path.parent)!r} does not exist; create it first")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise OutputError(f"{str(path)!r} is not a regular file; name another one")
    if not os.access(target, os.W_OK):
        raise OutputError(f"{str(path)!r} is write-protected; name another file or unprotect it")


def _open_beside(target: Path) -> tuple[int, Path | None]:
    """Open an unfinished file, without a name where that is possible."""
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is not None and _OPEN_DESCRIPTORS.is_dir():
        with contextlib.suppress(OSError):  # not every file system has it
            return os.open(target.parent, unnamed | os.O_RDWR, _MODE), None
    name = _unfinished_name(target)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(name, flags, _MODE), name


def _give_name(descriptor: int, target: Path) -> Path:
    name = _unfinished_name(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        # A directory descriptor, though both paths are absolute, selects linkat, which alone can
        # follow the link in /proc.
        source = _OPEN_DESCRIPTORS / str(descriptor)
        os.link(source, name, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
    return name


def _unfinished_name(target: Path) -> Path:
    return target.parent / f".umo-{secrets.token_hex(8)}.part"  # short, however long the target's


def _cannot_write(path: Path, error: OSError | ValueError) -> OutputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(f"cannot write {str(path)!r}: {reason}; choose another place or free space")
