"""Rotations as three angles about the axes, in the two orders that our file formats need.

The middle axis is x, whose singularity at a quarter turn only a leg or a somersault reaches.
"""

import numpy as np
import numpy.typing as npt

from umo_runtime.types import FloatArray

AngleArray = npt.NDArray[np.float64]

_TURN_RAD = 2 * np.pi
_SINGULAR_COSINE = 1e-5  # closer to a quarter turn, float32 cannot tell the outer axes apart


def to_yxz(rotations: FloatArray) -> AngleArray:
    """Split rotations into yaw, pitch and roll, so that R = Ry(yaw) Rx(pitch) Rz(roll).

    Args:
        rotations: unit quaternions, [..., 4] xyzw.

    Returns:
        Radians [..., 3] in the order x, y, z: x in -pi/2..pi/2, the others in -pi..pi.
    """
    # R = Ry Rx Rz is the inverse of Rz(-z) Rx(-x) Ry(-y).
    inverse = rotations * np.array([-1, -1, -1, 1], np.float32)
    return -_split_zxy(inverse, np.zeros(rotations.shape[:-1]))


def to_zxy(rotations: FloatArray, previous: AngleArray) -> AngleArray:
    """Split rotations so that R = Rz Rx Ry, continuing from the angles before.

    Of the equivalent triples it takes the one nearest to `previous`, so that curves have no jumps
    that an editor would interpolate through, and in the singularity the y angle stays.

    Args:
        rotations: unit quaternions, [..., 4] xyzw.
        previous: radians of the frame before, [..., 3] in the order x, y, z.

    Returns:
        Radians, [..., 3] in the order x, y, z, unbounded.
    """
    near = _split_zxy(rotations, previous[..., 1])
    other = near * np.array([-1, 1, 1]) + np.pi
    near, other = _unwind(near, previous), _unwind(other, previous)
    is_nearer = _distance(near, previous) <= _distance(other, previous)
    return np.where(is_nearer[..., None], near, other)


def _split_zxy(rotations: FloatArray, singular_y: AngleArray) -> AngleArray:
    """Give the triple with x in -pi/2..pi/2; where y is undetermined, use `singular_y`."""
    exact = rotations.astype(np.float64)
    x, y, z, w = np.moveaxis(exact / np.linalg.norm(exact, axis=-1, keepdims=True), -1, 0)
    # Entries of the matrix Rz Rx Ry, named by row and column.
    r20, r21, r22 = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    r01, r11 = 2 * (x * y - w * z), 1 - 2 * (x * x + z * z)
    r10, r00 = 2 * (x * y + w * z), 1 - 2 * (y * y + z * z)
    cosine = np.hypot(r20, r22)
    is_singular = cosine < _SINGULAR_COSINE  # then only the sum or difference of y and z is known
    angle_y = np.where(is_singular, singular_y, np.arctan2(-r20, r22))
    singular_z = np.arctan2(r10, r00) - np.sign(r21) * singular_y
    angle_z = np.where(is_singular, singular_z, np.arctan2(-r01, r11))
    return np.stack((np.arctan2(r21, cosine), angle_y, angle_z), axis=-1)


def _unwind(angles: AngleArray, previous: AngleArray) -> AngleArray:
    """Add whole turns to come within half a turn of the angles before."""
    return angles - _TURN_RAD * np.round((angles - previous) / _TURN_RAD)


def _distance(angles: AngleArray, previous: AngleArray) -> AngleArray:
    return np.asarray(np.abs(angles - previous).sum(axis=-1))
