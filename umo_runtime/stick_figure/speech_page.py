"""A page about one performance: figures and faces over sound, spectrogram and curves in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from umo_runtime.skeleton import FloatArray
from umo_runtime.stick_figure.camera import FRONT, View
from umo_runtime.stick_figure.picture import contact_sheet, draw_pose
from umo_runtime.types import FRAMES_PER_KEYFRAME, SAMPLE_RATE_HZ

Colour = tuple[int, int, int]

_FACE = View(pitch_deg=2.0, centre_y_m=1.59, height_m=0.42)
_SCALE = 2  # drawn larger and reduced, for smooth lines
_WIDTH, _LEFT, _RIGHT, _GAP = 1600, 172, 24, 10
_NUM_FIGURES, _GAP_PX = 9, 4
_FIGURE_HEIGHT, _FACE_HEIGHT = 230, 150
_WAVE_HEIGHT, _MEL_HEIGHT, _PANEL_HEIGHT, _AXIS_HEIGHT, _TITLE_HEIGHT = 70, 110, 110, 34, 62
_INK: Colour = (58, 64, 84)
_FAINT: Colour = (128, 136, 156)
_RULE: Colour = (226, 230, 240)
_WAVE: Colour = (120, 136, 176)
_MARK: Colour = (255, 232, 190)
_KEYFRAME: Colour = (196, 202, 216)
# Dark to light through blue, rose and yellow; equal steps look about equally bright.
_SPECTRUM = np.array(
    ((16, 14, 42), (66, 38, 110), (148, 54, 122), (222, 92, 96), (250, 160, 96), (254, 236, 184)),
    np.float32,
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a panel: its name in the legend, values [T] and colour."""

    name: str
    values: FloatArray
    colour: Colour


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves on one scale, from 0 to `top`."""

    title: str
    top: float
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of time that is shaded in every panel."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechPage:
    """What is drawn.

    Attributes:
        title: first line.
        subtitle: second line, smaller.
        fps: of the motion.
        rotations: [T, 55, 4].
        root_position: [T, 3].
        blendshapes: [T, 52].
        samples: [N] at 16 kHz.
        spectrogram: [T', M] from 0 (silent) to 1 (loud), over the whole duration.
        panels: curves over time.
        marks: stretches to shade, such as phones that shut the lips.
    """

    title: str
    subtitle: str
    fps: float
    rotations: FloatArray
    root_position: FloatArray
    blendshapes: FloatArray
    samples: FloatArray
    spectrogram: FloatArray
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]

    @property
    def duration_s(self) -> float:
        """Seconds of motion."""
        return len(self.rotations) / self.fps


def draw_speech_page(page: SpeechPage) -> Image.Image:
    """Draw it; 1600 pixels wide, RGB."""
    times = (np.arange(_NUM_FIGURES) + 0.5) / _NUM_FIGURES * page.duration_s
    figures = _figures(page, times.tolist())
    plots = _Plots(page).draw()
    picture = Image.new("RGB", (_WIDTH, _TITLE_HEIGHT + figures.height + plots.height), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((_GAP + 6, 10), page.title, fill=_INK, font=ImageFont.load_default(22))
    pen.text((_GAP + 6, 38), page.subtitle, fill=_FAINT, font=ImageFont.load_default(14))
    picture.paste(figures, (_LEFT, _TITLE_HEIGHT))
    picture.paste(plots, (0, _TITLE_HEIGHT + figures.height))
    return picture


def _figures(page: SpeechPage, times: Sequence[float]) -> Image.Image:
    """Bodies, and faces below them, each above its own stretch of the time axis."""
    width = (_WIDTH - _LEFT - _RIGHT + _GAP_PX) // _NUM_FIGURES - _GAP_PX
    rows = []
    for view, height in ((FRONT, _FIGURE_HEIGHT), (_FACE, _FACE_HEIGHT)):
        drawn = []
        for time in times:
            frame = min(int(time * page.fps), len(page.rotations) - 1)
            pose = page.rotations[frame], page.root_position[frame], page.blendshapes[frame]
            label = f"{time:.1f} s" if view is FRONT else ""
            drawn.append(draw_pose(*pose, view=view, size=(width, height), label=label))
        rows.append(contact_sheet(drawn, len(drawn), _GAP_PX))
    sheet = Image.new("RGB", (rows[0].width, sum(row.height + _GAP_PX for row in rows)), "white")
    sheet.paste(rows[0], (0, 0))
    sheet.paste(rows[1], (0, rows[0].height + _GAP_PX))
    return sheet


class _Plots:
    """Everything with a time axis, drawn from top to bottom."""

    def __init__(self, page: SpeechPage) -> None:
        self._page = page
        heights = (_WAVE_HEIGHT, _MEL_HEIGHT, *(_PANEL_HEIGHT for _ in page.panels))
        height = sum(height + _GAP for height in heights) + _AXIS_HEIGHT + _GAP
        self._picture = Image.new("RGB", (_WIDTH * _SCALE, height * _SCALE), "white")
        self._pen = ImageDraw.Draw(self._picture)
        self._span = _WIDTH - _LEFT - _RIGHT

    def draw(self) -> Image.Image:
        """Draw all rows; return them at their final size."""
        rows: list[tuple[int, Callable[[int], None]]] = [
            (_WAVE_HEIGHT, self._wave),
            (_MEL_HEIGHT, self._spectrogram),
            *((_PANEL_HEIGHT, _bind(self._panel, panel)) for panel in self._page.panels),
        ]
        top = _GAP
        for height, draw_row in rows:
            draw_row(top)
            top += height + _GAP
        self._axis(top - _GAP)
        return self._picture.reduce(_SCALE)

    def _x(self, time_s: float) -> float:
        return _LEFT + time_s / self._page.duration_s * self._span

    def _line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._pen.line(scaled, fill=colour, width=round(width * _SCALE), joint="curve")

    def _text(self, x: float, y: float, text: str, colour: Colour, size: int = 13) -> None:
        font = ImageFont.load_default(size * _SCALE)
        self._pen.text((x * _SCALE, y * _SCALE), text, fill=colour, font=font)

    def _wave(self, top: int) -> None:
        """Peak level of every pixel column."""
        self._text(_GAP + 6, top + _WAVE_HEIGHT / 2 - 8, "speech", _INK)
        samples, middle = self._page.samples, top + _WAVE_HEIGHT / 2
        edges = np.linspace(0, self._page.duration_s * SAMPLE_RATE_HZ, self._span * _SCALE + 1)
        loudest = max(float(np.abs(samples).max(initial=0.0)), 1e-4)
        for column, (start, end) in enumerate(pairwise(edges.astype(int))):
            level = float(np.abs(samples[start:end]).max(initial=0.0)) / loudest
            reach = max(0.5, level * (_WAVE_HEIGHT / 2 - 2))
            x = _LEFT + column / _SCALE
            self._line([(x, middle - reach), (x, middle + reach)], _WAVE, 1 / _SCALE)

    def _spectrogram(self, top: int) -> None:
        """Log-mel, low bands at the bottom."""
        self._text(_GAP + 6, top + _MEL_HEIGHT / 2 - 16, "log-mel", _INK)
        self._text(_GAP + 6, top + _MEL_HEIGHT / 2 + 2, "50 Hz to 7.6 kHz", _FAINT, 11)
        levels = np.clip(self._page.spectrogram.T[::-1], 0, 1) * (len(_SPECTRUM) - 1)
        below = np.minimum(levels.astype(int), len(_SPECTRUM) - 2)
        share = (levels - below)[..., None]
        colours = _SPECTRUM[below] * (1 - share) + _SPECTRUM[below + 1] * share
        strip = Image.fromarray(colours.astype(np.uint8))
        size = (self._span * _SCALE, _MEL_HEIGHT * _SCALE)
        strip = strip.resize(size, Image.Resampling.BILINEAR)
        self._picture.paste(strip, (_LEFT * _SCALE, top * _SCALE))

    def _panel(self, panel: Panel, top: int) -> None:
        """Shaded marks, scale, legend and curves."""
        base = top + _PANEL_HEIGHT - 2
        reach = _PANEL_HEIGHT - 18
        self._text(_GAP + 6, top, panel.title, _INK)
        for mark in self._page.marks:
            box = [(self._x(mark.start_s), top + 14), (self._x(mark.end_s), base)]
            self._pen.rectangle([(x * _SCALE, y * _SCALE) for x, y in box], fill=_MARK)
            if panel is self._page.panels[0]:
                self._text(self._x((mark.start_s + mark.end_s) / 2) - 4, top, mark.label, _INK, 11)
        for share in (0.0, 0.5, 1.0):
            y = base - share * reach
            self._line([(_LEFT, y), (_WIDTH - _RIGHT, y)], _RULE, 1)
            self._text(_LEFT - 26, y - 8, f"{share * panel.top:.2g}", _FAINT, 11)
        for row, curve in enumerate(panel.curves):
            values = np.clip(curve.values / panel.top, 0, 1)
            points = [
                (self._x(frame / self._page.fps), base - float(value) * reach)
                for frame, value in enumerate(values)
            ]
            self._line(points, curve.colour, 1.6)
            y = top + 26 + 18 * row
            self._line([(_GAP + 6, y), (_GAP + 22, y)], curve.colour, 3)
            self._text(_GAP + 28, y - 8, curve.name, _INK, 12)

    def _axis(self, top: int) -> None:
        """Keyframes as short ticks, seconds below them."""
        frames = np.arange(0, len(self._page.rotations), FRAMES_PER_KEYFRAME)
        for frame in frames:
            x = self._x(frame / self._page.fps)
            self._line([(x, top + 2), (x, top + 8)], _KEYFRAME, 1)
        self._text(_GAP + 6, top - 2, "keyframes", _FAINT, 11)
        self._text(_GAP + 6, top + 12, "seconds", _FAINT, 11)
        step = max(1, round(self._page.duration_s / 16))
        for second in range(0, int(self._page.duration_s) + 1, step):
            x = self._x(second)
            self._line([(x, top), (x, top + 11)], _INK, 1)
            self._text(x - 3, top + 13, str(second), _INK, 12)


def _bind(draw: Callable[[Panel, int], None], panel: Panel) -> Callable[[int], None]:
    return lambda top: draw(panel, top)
