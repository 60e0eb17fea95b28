"""One pose as a picture: floor, shadow, shaded figure, face."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, FloatArray, forward_kinematics, rotate
from umo_runtime.stick_figure.camera import FRONT, Camera, View
from umo_runtime.stick_figure.cones import Cone, intersect
from umo_runtime.stick_figure.face import face_patches
from umo_runtime.stick_figure.mannequin import HEAD_TAG, body_cones, head_cone

_SUPERSAMPLE = 2
_SKY, _GROUND = np.array((250, 251, 254)), np.array((226, 231, 241))
_GRID, _ARROW, _LABEL = (205, 212, 226), (122, 134, 164), (74, 82, 104)
_GRID_STEP_M, _GRID_REACH_M = 0.25, 1.5
_LIGHT = np.array((-0.45, 0.72, 0.62)) / np.linalg.norm((-0.45, 0.72, 0.62))
_DEPTH_RANGE_M = 1.6  # nearness that the eight bits of the depth shading span
_NO_FACE = np.zeros(NUM_BLENDSHAPES, np.float32)


def draw_pose(
    rotations: FloatArray,
    root_position: FloatArray,
    blendshapes: FloatArray | None = None,
    *,
    view: View = FRONT,
    size: tuple[int, int] = (320, 420),
    label: str = "",
) -> Image.Image:
    """Draw one frame of a character.

    Args:
        rotations: parent-local, [55, 4] xyzw.
        root_position: hips in metres, [3]; the picture follows them sideways.
        blendshapes: [52] in 0..1, or none for a neutral face.
        view: where the picture is taken from.
        size: width and height in pixels.
        label: written in the upper left corner.

    Returns:
        An RGB picture.
    """
    face = _NO_FACE if blendshapes is None else blendshapes
    jaw_open = float(face[BLENDSHAPE_INDEX["jawOpen"]])
    positions, turns = forward_kinematics(rotations, root_position)
    width, height = (side * _SUPERSAMPLE for side in size)
    camera = Camera(view, root_position, width, height)
    cones = body_cones(positions, turns, jaw_open)
    picture = _floor(camera, cones, positions, turns)
    colour, coverage, tags = _shade(camera, cones)
    picture.paste(colour, mask=coverage)
    _paint_face(picture, camera, tags, face, positions, turns)
    picture = picture.reduce(_SUPERSAMPLE)
    if label:
        ImageDraw.Draw(picture).text((10, 8), label, fill=_LABEL, font=ImageFont.load_default(14))
    return picture


def contact_sheet(frames: Sequence[Image.Image], columns: int, gap: int = 4) -> Image.Image:
    """Pictures of one size side by side, row by row."""
    rows = -(-len(frames) // columns)
    width, height = frames[0].size
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for index, frame in enumerate(frames):
        row, column = divmod(index, columns)
        sheet.paste(frame, (column * (width + gap), row * (height + gap)))
    return sheet


def _floor(
    camera: Camera, cones: list[Cone], positions: FloatArray, turns: FloatArray
) -> Image.Image:
    """Background, grid, facing arrow and the figure's soft shadow."""
    ramp = np.linspace(0, 1, camera.height)[:, None, None]
    sky = np.broadcast_to(_SKY + ramp * (_GROUND - _SKY), (camera.height, camera.width, 3))
    picture = Image.fromarray(sky.round().astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    line_width = _SUPERSAMPLE
    for offset in np.arange(-_GRID_REACH_M, _GRID_REACH_M + 1e-6, _GRID_STEP_M):
        for ends in (((offset, -1), (offset, 1)), ((-1, offset), (1, offset))):
            reach = [
                (a * _GRID_REACH_M if abs(a) == 1 else a, 0.0, b * _GRID_REACH_M if abs(b) == 1 else b)
                for a, b in ends
            ]
            points = camera.project(np.array(reach, np.float32))
            pen.line([tuple(point[:2]) for point in points], fill=_GRID, width=line_width)
    shadow = Image.new("L", picture.size)
    shadow_pen = ImageDraw.Draw(shadow)
    for cone in cones:
        _drop_shadow(shadow_pen, camera, cone)
    blurred = shadow.filter(ImageFilter.GaussianBlur(camera.pixels_per_m * 0.025))
    picture.paste((120, 130, 158), mask=blurred.point([level * 5 // 9 for level in range(256)]))
    _facing_arrow(ImageDraw.Draw(picture), camera, positions[0], turns[0])
    return picture


def _drop_shadow(pen: ImageDraw.ImageDraw, camera: Camera, cone: Cone) -> None:
    """The shadow of one cone on the floor, light from almost overhead."""
    for end, radius in ((cone.start, cone.start_radius_m), (cone.end, cone.end_radius_m)):
        fall = end[1] * _LIGHT / _LIGHT[1] * 0.35
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
    outline = [foot + forward * f + side * s for f, s in ((0.62, 0), (0.42, 0.11), (0.47, 0), (0.42, -0.11))]
    points = camera.project(np.array(outline, np.float32))
    pen.polygon([tuple(point[:2]) for point in points], fill=_ARROW)


def _shade(
    camera: Camera, cones: list[Cone]
) -> tuple[Image.Image, Image.Image, FloatArray]:
    """Ray cast all cones: colour picture, coverage mask, and the tag of the cone at each pixel."""
    shape = (camera.height, camera.width)
    nearness = np.full(shape, -np.inf, np.float32)
    normals, colours = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)
    tags = np.full(shape, -1, np.int16)
    for cone in cones:
        _cast(camera, cone, nearness, normals, colours, tags)
    covered = nearness > -np.inf
    lit = _light(normals, np.where(covered, nearness, -_DEPTH_RANGE_M), covered)
    colour = (colours * lit[..., None] * 255).clip(0, 255).astype(np.uint8)
    return Image.fromarray(colour), Image.fromarray(np.where(covered, 255, 0).astype(np.uint8)), tags


def _cast(
    camera: Camera,
    cone: Cone,
    nearness: FloatArray,
    normals: FloatArray,
    colours: FloatArray,
    tags: FloatArray,
) -> None:
    """Draw one cone into the buffers where it is nearest; works in pixels."""
    scale = camera.pixels_per_m
    start, end = camera.project(np.stack((cone.start, cone.end))) * np.array([1, 1, scale], np.float32)
    r_start, r_end = cone.start_radius_m * scale, cone.end_radius_m * scale
    low = np.floor(np.minimum(start[:2] - r_start, end[:2] - r_end)).astype(int).clip(0)
    high = np.ceil(np.maximum(start[:2] + r_start, end[:2] + r_end)).astype(int) + 1
    left, top = low
    right, bottom = min(high[0], camera.width), min(high[1], camera.height)
    if right <= left or bottom <= top:
        return
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    flip = np.array([1, -1, 1], np.float32)  # pixel rows go down, normals are wanted y up
    z, normal = intersect(x, -y, start * flip, end * flip, r_start, r_end)
    z /= scale
    window = slice(top, bottom), slice(left, right)
    is_nearer = z > nearness[window]
    nearness[window][is_nearer] = z[is_nearer]
    normals[window][is_nearer] = normal[is_nearer]
    colours[window][is_nearer] = cone.colour
    tags[window][is_nearer] = cone.tag


def _light(normals: FloatArray, nearness: FloatArray, covered: FloatArray) -> FloatArray:
    """Brightness per pixel: key light, sky, a dark rim, and depth shading between body parts.

    Depth shading (T. Luft et al., "Image enhancement by unsharp masking the depth buffer", SIGGRAPH
    2006) darkens what lies behind a nearer part, so that a hand before the chest stands out.
    """
    key = (normals @ _LIGHT.astype(np.float32)).clip(0)
    sky = 0.5 + 0.5 * normals[..., 1]
    lit = 0.52 + 0.44 * key + 0.14 * sky
    lit += 0.10 * key**12  # a soft highlight
    lit *= 0.78 + 0.22 * normals[..., 2].clip(0) ** 0.6
    levels = ((nearness + _DEPTH_RANGE_M / 2) / _DEPTH_RANGE_M).clip(0, 1) * 255
    depth = Image.fromarray(levels.astype(np.uint8))
    blurred = np.asarray(depth.filter(ImageFilter.GaussianBlur(normals.shape[0] / 110)), np.float32)
    behind = ((blurred - levels) / 255 * _DEPTH_RANGE_M).clip(0)
    lit *= 1 - 0.45 * (behind / 0.06).clip(0, 1) * covered
    return np.asarray(lit, np.float32)


def _paint_face(
    picture: Image.Image,
    camera: Camera,
    tags: FloatArray,
    blendshapes: FloatArray,
    positions: FloatArray,
    turns: FloatArray,
) -> None:
    """Features on the head's surface, only where the head is what one sees."""
    head = BONE_INDEX["Head"]
    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    cone = head_cone(float(blendshapes[BLENDSHAPE_INDEX["jawOpen"]]))
    shape = cone.start, cone.end, cone.start_radius_m, cone.end_radius_m
    for patch in face_patches(blendshapes):
        x, y = patch.outline.T
        z, normal = intersect(x, y, *shape)
        is_on = np.isfinite(z)
        outline = np.stack((x, y, np.where(is_on, z, 0.0)), -1).astype(np.float32)
        facing = rotate(np.broadcast_to(turns[head], (len(x), 4)), normal) @ camera.turn()[2]
        if not is_on.all() or facing.mean() < 0.05:
            continue  # on the far side of the head
        world = positions[head] + rotate(np.broadcast_to(turns[head], (len(x), 4)), outline)
        pen.polygon([tuple(point[:2]) for point in camera.project(world)], fill=(*patch.colour, 255))
    visible = Image.fromarray(np.where(tags == HEAD_TAG, 255, 0).astype(np.uint8))
    picture.paste(layer.convert("RGB"), mask=Image.composite(layer.getchannel("A"), Image.new("L", layer.size), visible))
