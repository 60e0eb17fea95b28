"""Options that output addresses of several schemes have in common."""

from collections.abc import Mapping, Sequence

from engine_bridge.rate_cap import RateCap
from umo_runtime.errors import OutputError

_MAX_FPS = 240.0


def check_names(scheme: str, options: Mapping[str, str], known: Sequence[str]) -> None:
    """Refuse an option that the scheme does not have.

    Raises:
        OutputError: an option is unknown.
    """
    for name in options:
        if name not in known:
            raise OutputError(f"unknown {scheme} option {name!r}; known: {', '.join(known)}")


def read_rate_cap(scheme: str, options: Mapping[str, str]) -> RateCap:
    """Read `fps`, the most frames a second, 1 to 240.

    Raises:
        OutputError: it is no such number.
    """
    if "fps" not in options:
        return RateCap()
    try:
        fps = float(options["fps"])
    except ValueError:
        fps = 0.0
    if not 1 <= fps <= _MAX_FPS:
        raise OutputError(
            f"{scheme} option fps={options['fps']!r} is not a number from 1 to {_MAX_FPS:g}"
        )
    return RateCap(fps)
