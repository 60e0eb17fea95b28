"""The folder that a command writes into."""

from pathlib import Path

from umo_runtime.errors import OutputError


def create_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot create the folder {str(folder)!r}: {error.strerror}; choose another one"
        ) from error
