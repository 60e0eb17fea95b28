"""One pose as a picture: floor, shadow, shaded figure, face."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, FloatArray, forward_kinematics, rotate
from umo_runtime.stick_figure.camera import FRONT, Camera, View
from umo_runtime.stick_figure.cones import intersect
from umo_runtime.stick_figure.face import face_patches
from umo_runtime.stick_figure.floor import draw_floor
from umo_runtime.stick_figure.mannequin import HEAD_TAG, body_cones, head_cone
from umo_runtime.stick_figure.shading import TagArray, shade

_SUPERSAMPLE = 2
_LABEL = (74, 82, 104)
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
    picture = draw_floor(camera, cones, positions, turns)
    colour, coverage, tags = shade(camera, cones)
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


def _paint_face(
    picture: Image.Image,
    camera: Camera,
    tags: TagArray,
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
        pen.polygon(
            [tuple(point[:2]) for point in camera.project(world)], fill=(*patch.colour, 255)
        )
    visible = Image.fromarray(np.where(tags == HEAD_TAG, 255, 0).astype(np.uint8))
    picture.paste(
        layer.convert("RGB"),
        mask=Image.composite(layer.getchannel("A"), Image.new("L", layer.size), visible),
    )
