"""Quaternion arithmetic for motion data, in numpy.

Unit quaternions ordered (x, y, z, w); `skeleton.multiply` and `skeleton.rotate` are the other half.
Source: K. Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985 (interpolation).
"""

import numpy as np

from umo_runtime.training.corpora.utterance import FloatArray

_MIN_ANGLE_RAD = 1e-4  # below this a straight blend is as good and does not divide by zero
_CONJUGATE = np.array([-1, -1, -1, 1], np.float32)


def conjugate(rotation: FloatArray) -> FloatArray:
    """The inverse of unit quaternions [..., 4]."""
    return rotation * _CONJUGATE


def normalize(vector: FloatArray) -> FloatArray:
    """Scale vectors or quaternions [..., D] to unit length; zero stays zero."""
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.asarray(vector / np.maximum(length, 1e-12), np.float32)


def from_rotation_vector(vector: FloatArray) -> FloatArray:
    """Quaternions [..., 4] of axis times angle in radians [..., 3]."""
    angle = np.linalg.norm(vector, axis=-1, keepdims=True)
    scale = 0.5 * np.sinc(angle / (2 * np.pi))  # sin(angle / 2) / angle
    return np.concatenate((vector * scale, np.cos(angle / 2)), axis=-1).astype(np.float32)


def to_rotation_vector(rotation: FloatArray) -> FloatArray:
    """Axis times angle in radians [..., 3], the short way round, of quaternions [..., 4]."""
    rotation = np.where(rotation[..., 3:] < 0, -rotation, rotation)
    sine = np.linalg.norm(rotation[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, rotation[..., 3:])
    scale = np.where(sine < _MIN_ANGLE_RAD, 2.0, angle / np.maximum(sine, 1e-12))
    return np.asarray(rotation[..., :3] * scale, np.float32)


def slerp(start: FloatArray, end: FloatArray, phase: FloatArray | float) -> FloatArray:
    """Rotate from `start` to `end` along the shorter arc.

    Args:
        start: rotations at phase 0, [..., 4].
        end: rotations at phase 1, [..., 4].
        phase: 0..1, broadcast against [...].

    Returns:
        Unit rotations, [..., 4].
    """
    weight = np.asarray(phase, np.float32)[..., None]
    end = np.where((start * end).sum(-1, keepdims=True) < 0, -end, end)
    chord = np.linalg.norm(end - start, axis=-1, keepdims=True)
    bisector = np.linalg.norm(end + start, axis=-1, keepdims=True)
    angle = 2 * np.arctan2(chord, bisector)
    straight = angle < _MIN_ANGLE_RAD
    w_start = np.where(straight, 1 - weight, np.sin((1 - weight) * angle))
    w_end = np.where(straight, weight, np.sin(weight * angle))
    return normalize(np.asarray(w_start * start + w_end * end, np.float32))


def aim(direction: FloatArray, up: FloatArray) -> FloatArray:
    """The turn [4] that takes +x to `direction` and +y as near as can be to `up`, both [3]."""
    x = normalize(direction)
    y = normalize(up - (up @ x) * x)
    return from_matrix(np.stack((x, y, np.cross(x, y)), axis=-1).astype(np.float32))


def from_matrix(matrix: FloatArray) -> FloatArray:
    """Quaternion [4] of one rotation matrix [3, 3] (largest component first, for accuracy)."""
    diagonal = np.diag(matrix)
    squares = np.array([*(1 - np.trace(matrix) + 2 * diagonal), 1 + np.trace(matrix)])
    skew = (matrix[2, 1], matrix[0, 2], matrix[1, 0]), (matrix[1, 2], matrix[2, 0], matrix[0, 1])
    largest = int(squares.argmax())
    rotation = np.empty(4)
    if largest == 3:
        rotation[:3], rotation[3] = np.subtract(*skew), squares[3]
    else:
        rotation[:3] = matrix[largest] + matrix[:, largest]
        rotation[3] = np.subtract(*skew)[largest]
        rotation[largest] = squares[largest]
    return normalize(rotation.astype(np.float32))


def yaw_of(direction: FloatArray) -> FloatArray:
    """Heading in radians about +y of directions [..., 3]: 0 faces +z, positive to the left (+x)."""
    return np.asarray(np.arctan2(direction[..., 0], direction[..., 2]), np.float32)


def about_y(angle_rad: FloatArray | float) -> FloatArray:
    """Turns [..., 4] about +y by angles [...] in radians."""
    half = np.asarray(angle_rad, np.float32) / 2
    zero = np.zeros_like(half)
    return np.stack((zero, np.sin(half), zero, np.cos(half)), axis=-1)


def continuous(rotations: FloatArray) -> FloatArray:
    """Flip signs along time so that neighbours of [T, ..., 4] are near one another."""
    dots = (rotations[1:] * rotations[:-1]).sum(-1)
    signs = np.cumprod(np.where(dots < 0, -1, 1), axis=0)
    return np.concatenate((rotations[:1], rotations[1:] * signs[..., None])).astype(np.float32)
