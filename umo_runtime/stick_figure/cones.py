"""Ray casting of rounded cones: two balls and the hull between them.

Source: I. Quilez, "Rounded cone - intersection", iquilezles.org/articles/intersectors. All rays of
an orthographic picture are parallel to the view's z axis, which leaves one quadratic per pixel.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from umo_runtime.skeleton import FloatArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cone:
    """A rounded cone.

    Attributes:
        start, end: centres of the two balls, [3] in metres.
        start_radius_m, end_radius_m: their radii.
        colour: red, green, blue in 0..1.
        tag: which part of the figure it is (1 is the head, which carries the face).
    """

    start: FloatArray
    end: FloatArray
    start_radius_m: float
    end_radius_m: float
    colour: tuple[float, float, float]
    tag: int = 0


def intersect(
    x: FloatArray, y: FloatArray, start: FloatArray, end: FloatArray, r_start: float, r_end: float
) -> tuple[FloatArray, FloatArray]:
    """Nearest surface along -z.

    Args:
        x: ray positions, [...].
        y: ray positions, [...].
        start: centre of the first ball in the same space, [3].
        end: centre of the second ball, [3].
        r_start: its radius.
        r_end: its radius.

    Returns:
        Surface z [...], -inf where the ray misses, and unit normals [..., 3].
    """
    from_start = np.stack((x - start[0], y - start[1], np.full_like(x, -start[2])), -1)
    from_end = np.stack((x - end[0], y - end[1], np.full_like(x, -end[2])), -1)
    z = np.full(x.shape, -np.inf, np.float32)
    normal = np.zeros((*x.shape, 3), np.float32)
    for offset, centre, radius in ((from_start, start, r_start), (from_end, end, r_end)):
        flat = offset[..., 0] ** 2 + offset[..., 1] ** 2
        height = np.sqrt(np.maximum(radius * radius - flat, 0))
        is_nearer = (flat < radius * radius) & (centre[2] + height > z)
        z = np.where(is_nearer, centre[2] + height, z)
        ball = np.stack((offset[..., 0], offset[..., 1], height), -1) / radius
        normal = np.where(is_nearer[..., None], ball, normal)
    hull_z, hull_normal, is_hull = _hull(from_start, end - start, r_start, r_end)
    z = np.where(is_hull, hull_z, z)
    return z, np.where(is_hull[..., None], hull_normal, normal)


def _hull(
    offset: FloatArray, axis: FloatArray, r_start: float, r_end: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """The cone between the balls: z, normals and where it is the surface. Rays go along -z."""
    taper = r_start - r_end
    length2 = float(axis @ axis)
    slant2 = length2 - taper * taper
    if slant2 <= 1e-10:  # one ball holds the other
        miss = np.zeros(offset.shape[:-1], bool)
        return offset[..., 2], offset, miss
    along, ray_along, ray_offset = offset @ axis, -float(axis[2]), -offset[..., 2]
    k2 = slant2 - ray_along * ray_along
    k1 = slant2 * ray_offset - along * ray_along + ray_along * taper * r_start
    k0 = slant2 * (offset**2).sum(-1) - along**2 + 2 * along * taper * r_start
    k0 -= length2 * r_start * r_start
    discriminant = k1 * k1 - k0 * k2
    depth = (-np.sqrt(np.maximum(discriminant, 0)) - k1) / (k2 if abs(k2) > 1e-9 else 1e-9)
    place = along - r_start * taper + depth * ray_along
    is_hull = (discriminant > 0) & (place > 0) & (place < slant2)
    hit = offset - depth[..., None] * np.array([0, 0, 1], np.float32)
    normal = slant2 * hit - axis * place[..., None]
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)
    return -depth, normal.astype(np.float32), is_hull
