"""How a performer moves when told to be calmer or livelier than people are."""

from dataclasses import dataclass

from umo_runtime.controls import NEUTRAL_CALMNESS

# Factors at calmness 0 and 1; geometric between them and 1 at the natural calmness, exactly, so
# that who is told nothing moves as if there were no controls.
_SPACING = (9.0, 0.72)
_SIZE = (0.35, 1.15)
_TEMPO = (0.7, 1.2)
_DRIFT = (0.35, 1.6)
_EMPHASIS = 0.4


@dataclass(frozen=True, slots=True)
class Manner:
    """Factors on natural behaviour.

    Attributes:
        spacing: of the time between strokes.
        size: of strokes and beats.
        tempo: of strokes and of what leads to them.
        drift: of what body, head and brows do besides: sway, float, nods.
        emphasis: added to the strength of accents, -0.4..0.4: the stronger, the larger the gesture.
    """

    spacing: float = 1.0
    size: float = 1.0
    tempo: float = 1.0
    drift: float = 1.0
    emphasis: float = 0.0

    @classmethod
    def of(cls, calmness: float) -> "Manner":
        """The manner of a calmness in 0..1."""
        away = calmness / NEUTRAL_CALMNESS - 1  # -1 still, 0 natural, 1 lively

        def factor(ends: tuple[float, float]) -> float:
            return float(ends[away > 0] ** abs(away))

        return cls(
            factor(_SPACING), factor(_SIZE), factor(_TEMPO), factor(_DRIFT), _EMPHASIS * away
        )


NATURAL = Manner()
