"""The one place where the command line opens the engine."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from umo_runtime.engine import Engine


def open_engine(weights: Path | None) -> "Engine":
    """Load the networks for one stream.

    Args:
        weights: folder of exported networks; None for the bundled ones.

    Raises:
        WeightsError: they are missing, corrupted or of another version.
    """
    from umo_runtime.engine import Engine  # slow to import: other bad input is found before it

    return Engine(weights)
