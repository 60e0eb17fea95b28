"""Ray casts the figure's cones into a picture and lights it."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from umo_runtime.skeleton import FloatArray
from umo_runtime.stick_figure.camera import Camera
from umo_runtime.stick_figure.cones import BoolArray, Cone, intersect
from umo_runtime.stick_figure.mannequin import CLOTH_TAG

TagArray = npt.NDArray[np.int16]

LIGHT = np.array((-0.45, 0.72, 0.62)) / np.linalg.norm((-0.45, 0.72, 0.62))
_CLOTH_SOFTNESS_M = 0.022  # seams between the cones of the trunk vanish within this
_DEPTH_RANGE_M = 1.6  # nearness that the eight bits of the depth shading span


def shade(camera: Camera, cones: list[Cone]) -> tuple[Image.Image, Image.Image, TagArray]:
    """Ray cast all cones: colour picture, coverage mask, and the tag of the cone at each pixel."""
    shape = (camera.height, camera.width)
    nearness = np.full(shape, -np.inf, np.float32)
    normals, colours = np.zeros((*shape, 3), np.float32), np.zeros((*shape, 3), np.float32)
    tags = np.full(shape, -1, np.int16)
    for cone in cones:
        _cast(camera, cone, nearness, normals, colours, tags)
    covered = nearness > -np.inf
    _smooth(normals, tags == CLOTH_TAG, camera.pixels_per_m * _CLOTH_SOFTNESS_M)
    lit = _light(normals, np.where(covered, nearness, -_DEPTH_RANGE_M), covered)
    colour = (colours * lit[..., None] * 255).clip(0, 255).astype(np.uint8)
    return (
        Image.fromarray(colour),
        Image.fromarray(np.where(covered, 255, 0).astype(np.uint8)),
        tags,
    )


def _smooth(normals: FloatArray, where: BoolArray, radius: float) -> None:
    """Blur normals [H, W, 3] among the pixels of one material, in place."""
    blur = ImageFilter.GaussianBlur(radius)
    share = Image.fromarray(np.where(where, 255, 0).astype(np.uint8)).filter(blur)
    weight = np.maximum(np.asarray(share, np.float32), 1)[where]
    for axis in range(3):
        plane = np.where(where, normals[..., axis] * 127 + 128, 0).round().astype(np.uint8)
        blurred = np.asarray(Image.fromarray(plane).filter(blur), np.float32)[where]
        normals[where, axis] = (blurred * 255 / weight - 128) / 127


def _cast(
    camera: Camera,
    cone: Cone,
    nearness: FloatArray,
    normals: FloatArray,
    colours: FloatArray,
    tags: TagArray,
) -> None:
    """Draw one cone into the buffers where it is nearest; works in pixels."""
    scale = camera.pixels_per_m
    start, end = camera.project(np.stack((cone.start, cone.end))) * np.array(
        [1, 1, scale], np.float32
    )
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


def _light(normals: FloatArray, nearness: FloatArray, covered: BoolArray) -> FloatArray:
    """Brightness per pixel: key light, sky, a dark rim, and depth shading between body parts.

    Depth shading (T. Luft et al., "Image enhancement by unsharp masking the depth buffer", SIGGRAPH
    2006) darkens what lies behind a nearer part, so that a hand before the chest stands out.
    """
    key = (normals @ LIGHT.astype(np.float32)).clip(0)
    sky = 0.5 + 0.5 * normals[..., 1]
    lit = 0.60 + 0.40 * key + 0.10 * sky
    lit += 0.10 * key**12  # a soft highlight
    lit *= 0.76 + 0.24 * normals[..., 2].clip(0) ** 0.6
    levels = ((nearness + _DEPTH_RANGE_M / 2) / _DEPTH_RANGE_M).clip(0, 1) * 255
    depth = Image.fromarray(levels.astype(np.uint8))
    blurred = np.asarray(depth.filter(ImageFilter.GaussianBlur(normals.shape[0] / 110)), np.float32)
    behind = ((blurred - levels) / 255 * _DEPTH_RANGE_M).clip(0)
    lit *= 1 - 0.34 * (behind / 0.06).clip(0, 1) * covered
    return np.asarray(lit, np.float32)
