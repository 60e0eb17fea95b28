"""What the figure stands on: background, grid, soft shadow and the arrow where the hips face."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from umo_runtime.skeleton import FloatArray, rotate
from umo_runtime.stick_figure.camera import Camera
from umo_runtime.stick_figure.cones import Cone
from umo_runtime.stick_figure.shading import LIGHT

_SKY, _GROUND = np.array((250, 251, 254)), np.array((226, 231, 241))
_GRID, _ARROW, _SHADOW = (205, 212, 226), (122, 134, 164), (120, 130, 158)
_GRID_WIDTH_M = 0.0035
_GRID_STEP_M, _GRID_REACH_M = 0.25, 1.5


def draw_floor(
    camera: Camera, cones: list[Cone], positions: FloatArray, turns: FloatArray
) -> Image.Image:
    """Background, grid, facing arrow and the figure's soft shadow."""
    ramp = np.linspace(0, 1, camera.height)[:, None, None]
    sky = np.broadcast_to(_SKY + ramp * (_GROUND - _SKY), (camera.height, camera.width, 3))
    picture = Image.fromarray(sky.round().astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    line_width = max(1, round(_GRID_WIDTH_M * camera.pixels_per_m))
    for offset in np.arange(-_GRID_REACH_M, _GRID_REACH_M + 1e-6, _GRID_STEP_M):
        for ends in (((offset, -1), (offset, 1)), ((-1, offset), (1, offset))):
            reach = [
                (
                    a * _GRID_REACH_M if abs(a) == 1 else a,
                    0.0,
                    b * _GRID_REACH_M if abs(b) == 1 else b,
                )
                for a, b in ends
            ]
            points = camera.project(np.array(reach, np.float32))
            pen.line([tuple(point[:2]) for point in points], fill=_GRID, width=line_width)
    shadow = Image.new("L", picture.size)
    shadow_pen = ImageDraw.Draw(shadow)
    for cone in cones:
        _drop_shadow(shadow_pen, camera, cone)
    blurred = shadow.filter(ImageFilter.GaussianBlur(camera.pixels_per_m * 0.025))
    picture.paste(_SHADOW, mask=blurred.point([level * 5 // 9 for level in range(256)]))
    _facing_arrow(ImageDraw.Draw(picture), camera, positions[0], turns[0])
    return picture


def _drop_shadow(pen: ImageDraw.ImageDraw, camera: Camera, cone: Cone) -> None:
    """The shadow of one cone on the floor, light from almost overhead."""
    for end, radius in ((cone.start, cone.start_radius_m), (cone.end, cone.end_radius_m)):
        fall = end[1] * LIGHT / LIGHT[1] * 0.35
        centre = np.array((end[0] - fall[0], 0.0, end[2] - fall[2]), np.float32)
        x, y, _ = camera.project(centre)
        wide = radius * camera.pixels_per_m
        flat = wide * max(0.12, float(np.sin(np.deg2rad(camera.view.pitch_deg))))
        pen.ellipse((x - wide, y - flat, x + wide, y + flat), fill=255)


def _facing_arrow(
    pen: ImageDraw.ImageDraw, camera: Camera, hips: FloatArray, turn: FloatArray
) -> None:
    """A chevron on the floor in front of the feet, pointing where the hips face."""
    forward = rotate(turn, np.array([0, 0, 1], np.float32)) * [1, 0, 1]
    forward = forward / max(float(np.linalg.norm(forward)), 1e-6)
    side = np.cross([0, 1, 0], forward)
    foot = hips * [1, 0, 1]
    outline = [
        foot + forward * f + side * s
        for f, s in ((0.62, 0), (0.42, 0.11), (0.47, 0), (0.42, -0.11))
    ]
    points = camera.project(np.array(outline, np.float32))
    pen.polygon([tuple(point[:2]) for point in points], fill=_ARROW)
