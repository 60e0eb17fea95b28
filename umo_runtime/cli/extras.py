"""Tells which extra to install when an optional package is missing."""

from importlib.util import find_spec

from umo_runtime.errors import MissingExtraError


def require(*packages: str, extra: str) -> None:
    """Check that packages can be imported.

    Raises:
        MissingExtraError: one cannot; the message names the install command.
    """
    for package in packages:
        if find_spec(package) is None:
            raise MissingExtraError(package, extra)
