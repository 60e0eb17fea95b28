"""A report on one page: the figure over time, face curves and the waveform on one time axis."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.skeleton import FloatArray
from umo_runtime.stick_figure.camera import FRONT, THREE_QUARTER, View
from umo_runtime.stick_figure.picture import contact_sheet, draw_pose
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

CURVES = (
    "jawOpen",
    "mouthPucker",
    "mouthSmileLeft",
    "eyeBlinkLeft",
    "browInnerUp",
    "eyeLookInLeft",
)
_COLOURS = (
    (214, 84, 84),
    (146, 96, 196),
    (233, 150, 54),
    (60, 130, 200),
    (48, 158, 120),
    (110, 120, 140),
)
_INK, _RULE, _WAVE = (74, 82, 104), (222, 227, 238), (150, 162, 190)
_MARGIN, _CURVE_HEIGHT, _WAVE_HEIGHT, _AXIS_HEIGHT = 112, 44, 70, 24


def draw_report(
    times: Sequence[float],
    rotations: FloatArray,
    root_position: FloatArray,
    blendshapes: FloatArray | None,
    samples: FloatArray,
    *,
    views: tuple[View, ...] = (FRONT, THREE_QUARTER),
    title: str = "",
    size: tuple[int, int] = (180, 240),
) -> Image.Image:
    """Draw poses at `times` over the curves and the waveform of the whole motion.

    Args:
        times: when to draw the figure, seconds.
        rotations: [T, 55, 4] at 30 fps.
        root_position: [T, 3].
        blendshapes: [T, 52], or none for no curves.
        samples: [N] at 16 kHz.
        views: one row of figures each.
        title: written above.
        size: of each figure in pixels.

    Returns:
        An RGB picture.
    """
    figures = []
    for view in views:
        for time in times:
            frame = min(round(time * FRAME_RATE_HZ), len(rotations) - 1)
            face = None if blendshapes is None else blendshapes[frame]
            pose = rotations[frame], root_position[frame], face
            label = f"{time:.2f} s" if view is views[0] else ""
            figures.append(draw_pose(*pose, view=view, size=size, label=label))
    sheet = contact_sheet(figures, len(times))
    strips = _strips(times, len(rotations) / FRAME_RATE_HZ, blendshapes, samples, sheet.width)
    page = Image.new("RGB", (sheet.width, 32 + sheet.height + strips.height), "white")
    ImageDraw.Draw(page).text((10, 8), title, fill=_INK, font=ImageFont.load_default(16))
    page.paste(sheet, (0, 32))
    page.paste(strips, (0, 32 + sheet.height))
    return page


def _strips(
    times: Sequence[float],
    duration_s: float,
    blendshapes: FloatArray | None,
    samples: FloatArray,
    width: int,
) -> Image.Image:
    """Curves, waveform and time axis, with a rule at each drawn pose."""
    curves = () if blendshapes is None else CURVES
    height = len(curves) * _CURVE_HEIGHT + _WAVE_HEIGHT + _AXIS_HEIGHT
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(12)
    span = width - _MARGIN - 12

    def x_of(time: npt.NDArray[np.floating] | float) -> FloatArray:
        return np.asarray(_MARGIN + np.asarray(time) / duration_s * span, np.float32)

    for time in times:
        pen.line([(float(x_of(time)), 0), (float(x_of(time)), height - _AXIS_HEIGHT)], fill=_RULE)
    top = 0
    for name, colour in zip(curves, _COLOURS, strict=False):
        assert blendshapes is not None
        values = blendshapes[:, BLENDSHAPE_INDEX[name]]
        y = top + _CURVE_HEIGHT - 6 - values * (_CURVE_HEIGHT - 10)
        x = x_of(np.arange(len(values)) / FRAME_RATE_HZ)
        pen.line(
            [(_MARGIN, top + _CURVE_HEIGHT - 6), (width - 12, top + _CURVE_HEIGHT - 6)], fill=_RULE
        )
        pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=colour, width=2)
        pen.text((8, top + _CURVE_HEIGHT / 2 - 8), name, fill=colour, font=font)
        top += _CURVE_HEIGHT
    _waveform(pen, samples, top, width, duration_s, span)
    pen.text((8, top + _WAVE_HEIGHT / 2 - 8), "speech", fill=_INK, font=font)
    for second in range(int(duration_s) + 1):
        pen.text((float(x_of(second)) - 4, height - 18), f"{second} s", fill=_INK, font=font)
    return picture


def _waveform(
    pen: ImageDraw.ImageDraw,
    samples: FloatArray,
    top: int,
    width: int,
    duration_s: float,
    span: int,
) -> None:
    """Peak level per pixel column."""
    middle = top + _WAVE_HEIGHT / 2
    edges = np.linspace(0, duration_s * SAMPLE_RATE_HZ, span + 1).astype(int)
    loudest = max(float(np.abs(samples).max(initial=0.0)), 1e-3)
    for column, (start, end) in enumerate(pairwise(edges)):
        level = float(np.abs(samples[start:end]).max(initial=0.0)) / loudest
        reach = max(0.5, level * (_WAVE_HEIGHT / 2 - 4))
        x = min(_MARGIN + column, width - 12)
        pen.line([(x, middle - reach), (x, middle + reach)], fill=_WAVE)
