"""The figure's face: brows, lids, gaze and mouth, as polygons on the head's surface.

Every feature is drawn flat in the head bone's own x and y (metres) and pushed on to the head.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.skeleton import FloatArray

_Colour = tuple[int, int, int]
_Curve = npt.NDArray[np.floating]
_WHITE: _Colour = (252, 252, 250)
_INK: _Colour = (44, 48, 66)
_IRIS: _Colour = (58, 104, 150)
_LID: _Colour = (226, 178, 152)
_LIP: _Colour = (205, 92, 92)
_MOUTH: _Colour = (94, 28, 38)
_TEETH: _Colour = (250, 248, 242)
_TONGUE: _Colour = (216, 112, 112)

_EYE_X_M, _EYE_Y_M, _EYE_HALF_WIDTH_M, _EYE_HALF_HEIGHT_M = 0.034, 0.070, 0.0175, 0.0105
_GAZE_SHIFT_M = 0.0085  # of the iris at full eye look
_MOUTH_Y_M, _MOUTH_HALF_WIDTH_M, _LIP_M = 0.006, 0.0265, 0.0042
_NUM_POINTS = 20


@dataclass(frozen=True, slots=True)
class Patch:
    """A filled polygon [K, 2] in the head's x and y."""

    outline: FloatArray
    colour: _Colour


def face_patches(blendshapes: FloatArray) -> list[Patch]:
    """The face as polygons, back to front.

    Args:
        blendshapes: [52] in 0..1, ARKit order.
    """

    def value(name: str) -> float:
        return float(blendshapes[BLENDSHAPE_INDEX[name]])

    patches = []
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        patches += _eye(value, side, sign)
        patches.append(_brow(value, side, sign))
    return patches + _mouth(value)


def _eye(value: Callable[[str], float], side: str, sign: float) -> list[Patch]:
    """White, iris, pupil and lash line of one eye; lids clip the iris."""
    open_share = 1 - value(f"eyeBlink{side}") + 0.35 * value(f"eyeWide{side}")
    open_share = max(0.0, open_share - 0.3 * value(f"eyeSquint{side}"))
    t = np.linspace(-1, 1, _NUM_POINTS, dtype=np.float32)
    x = sign * _EYE_X_M + t * _EYE_HALF_WIDTH_M
    arch = np.sqrt(np.maximum(1 - t * t, 0)) * _EYE_HALF_HEIGHT_M
    lower = _EYE_Y_M - arch * (0.55 + 0.25 * min(open_share, 1))
    upper = lower + (1.45 * arch) * open_share
    outward = value(f"eyeLookOut{side}") - value(f"eyeLookIn{side}")
    raised = value(f"eyeLookUp{side}") - value(f"eyeLookDown{side}")
    iris_x = sign * (_EYE_X_M + outward * _GAZE_SHIFT_M)
    iris_y = _EYE_Y_M - 0.0005 + raised * 0.6 * _GAZE_SHIFT_M

    def disc(radius: float) -> FloatArray:
        angle = np.linspace(0, 2 * np.pi, 24, dtype=np.float32)
        disc_x = (iris_x + radius * np.cos(angle)).clip(x.min(), x.max())
        low, high = (np.interp(disc_x, x, edge) for edge in (lower, upper))
        disc_y = np.clip(iris_y + radius * np.sin(angle), low, high)
        return np.stack((disc_x, disc_y), -1).astype(np.float32)

    lash = np.concatenate((_line(x, upper + 0.0022), _line(x, upper - 0.0006)[::-1]))
    white = np.concatenate((_line(x, lower), _line(x, upper)[::-1]))
    lid_top = _EYE_Y_M + arch * 1.15
    lid = np.concatenate((_line(x, upper), _line(x, np.maximum(lid_top, upper))[::-1]))
    patches = [Patch(lid, _LID)]
    if open_share > 0.05:
        patches += [Patch(white, _WHITE), Patch(disc(0.0078), _IRIS), Patch(disc(0.0040), _INK)]
    return [*patches, Patch(lash, _INK)]


def _brow(value: Callable[[str], float], side: str, sign: float) -> Patch:
    """One brow: inner end, arch and outer end move on their own."""
    inner = 0.011 * value("browInnerUp") - 0.008 * value(f"browDown{side}")
    outer = 0.010 * value(f"browOuterUp{side}") - 0.004 * value(f"browDown{side}")
    t = np.linspace(0, 1, _NUM_POINTS, dtype=np.float32)
    x = sign * (0.014 + 0.042 * t - 0.004 * value(f"browDown{side}"))
    y = 0.0925 + inner * (1 - t) ** 1.2 + outer * t + 0.008 * np.sin(np.pi * (0.15 + 0.75 * t))
    half = 0.0030 * (1 - 0.55 * t)
    return Patch(np.concatenate((_line(x, y + half), _line(x, y - half)[::-1])), _INK)


def _mouth(value: Callable[[str], float]) -> list[Patch]:
    """Lips, opening, teeth and tongue."""

    def mean(name: str) -> float:
        return (value(f"{name}Left") + value(f"{name}Right")) / 2

    jaw, pucker, funnel = value("jawOpen"), value("mouthPucker"), value("mouthFunnel")
    narrowing = 0.50 * pucker + 0.38 * funnel + 0.16 * jaw
    widening = 0.32 * mean("mouthStretch") + 0.28 * mean("mouthSmile") + 0.1 * mean("mouthDimple")
    half_width = _MOUTH_HALF_WIDTH_M * max(0.35, 1 + widening - narrowing)
    shut = min(1.0, value("mouthClose") / max(jaw, 0.05)) if jaw > 0.02 else 0.0
    drop = (0.030 * jaw + 0.008 * mean("mouthLowerDown") + 0.004 * funnel) * (1 - shut)
    raise_ = (0.007 * mean("mouthUpperUp") + 0.004 * funnel + 0.003 * jaw) * (1 - shut)
    middle = _MOUTH_Y_M - 0.022 * jaw * shut - 0.002 * mean("mouthPress")
    corner = 0.011 * (mean("mouthSmile") - mean("mouthFrown")) - 0.35 * drop
    t = np.linspace(-1, 1, _NUM_POINTS, dtype=np.float32)
    x = half_width * t + 0.010 * (value("mouthLeft") - value("mouthRight"))
    bow = 1 - np.abs(t) ** 2.2
    base = middle + corner * np.abs(t) ** 1.7
    inner_top, inner_bottom = base + raise_ * bow, base - drop * bow
    puffed = 1 + 0.7 * pucker + 0.35 * funnel - 0.4 * mean("mouthPress")
    top_lip = _LIP_M * max(0.15, puffed - 0.8 * value("mouthRollUpper"))
    bottom_lip = 1.3 * _LIP_M * max(0.15, puffed - 0.8 * value("mouthRollLower"))
    lips = _band(x, inner_top + top_lip * (0.25 + 0.75 * bow), inner_bottom - bottom_lip * bow)
    opening = _band(x * 0.94, inner_top + 0.0002, inner_bottom - 0.0006)
    patches = [Patch(lips, _LIP), Patch(opening, _MOUTH)]
    if drop + raise_ > 0.005:
        teeth = np.maximum(inner_top - 0.0055 * bow, inner_bottom)
        tongue = np.minimum(inner_bottom + 0.4 * drop * bow**2, inner_top)
        patches.append(Patch(_band(x * 0.7, tongue, inner_bottom), _TONGUE))
        patches.append(Patch(_band(x * 0.8, inner_top, teeth), _TEETH))
    return patches


def _line(x: _Curve, y: _Curve) -> FloatArray:
    return np.stack((x, y), axis=-1).astype(np.float32)


def _band(x: _Curve, top: _Curve, bottom: _Curve) -> FloatArray:
    """The polygon between two curves over the same x."""
    return np.concatenate((_line(x, top), _line(x, bottom)[::-1]))
