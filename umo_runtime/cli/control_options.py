"""Options that direct the character, and the controls that they make."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from umo_runtime.errors import ControlError

if TYPE_CHECKING:
    from umo_runtime.controls import Controls

Calmness = Annotated[
    float, typer.Option(metavar="0..1", help="0 stands nearly still, 1 is lively.")
]
Mood = Annotated[
    str,
    typer.Option(
        metavar="NAME[:0..1]", help="joy, anger, sadness or neutral; how much, after a colon."
    ),
]
Role = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="speaking; listening (the voice is somebody else's) or idle."
    ),
]
Gaze = Annotated[
    str | None,
    typer.Option(
        metavar="YAW,PITCH",
        help="Look there: degrees to the character's left, degrees up, from the chest.",
    ),
]


def read_controls(calmness: float, emotion: str, state: str, gaze: str | None) -> "Controls":
    """Make controls of what was typed.

    Raises:
        ControlError: a value cannot be read or is out of its range.
    """
    from umo_runtime.controls import Controls

    mood, intensity = _read_mood(emotion)
    # Controls refuse names that they do not know.
    return Controls(calmness, mood, intensity, state, _read_gaze(gaze))  # type: ignore[arg-type]


def _read_mood(text: str) -> tuple[str, float]:
    name, colon, intensity = text.partition(":")
    try:
        return name, float(intensity) if colon else 1.0
    except ValueError:
        raise ControlError(
            f"emotion is {text!r}; give NAME or NAME:INTENSITY, such as joy:0.7"
        ) from None


def _read_gaze(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        yaw, pitch = (math.radians(float(angle)) for angle in text.split(","))
    except ValueError:
        raise ControlError(f"gaze is {text!r}; give YAW,PITCH in degrees, such as 30,-10") from None
    return yaw, pitch
