"""A character as a receiver shows it, in its own directions instead of the receiver's axes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.engine_bridge.bridge_frames import Array
from umo_runtime.skeleton import BONES, PARENTS, REST_OFFSETS_M


@dataclass(frozen=True)
class Axes:
    """The directions of a character that stands unturned, in a target's coordinates."""

    left: tuple[int, int, int]
    up: tuple[int, int, int]
    front: tuple[int, int, int]

    def seen_from_the_character(self, vector: npt.ArrayLike) -> Array:
        """How far to its left, up and to its front, [..., 3], a vector [..., 3] goes."""
        seen: Array = np.asarray(vector, np.float64) @ self._matrix()
        return seen

    def skeleton(self) -> list[tuple[str, str, list[float]]]:
        """Name, parent's name and offset from it in the target's coordinates, of every bone."""
        offsets = (REST_OFFSETS_M @ self._matrix().T).tolist()
        return [
            (name, BONES[parent] if parent >= 0 else "", offset)
            for name, parent, offset in zip(BONES, PARENTS, offsets, strict=True)
        ]

    def _matrix(self) -> Array:
        return np.array([self.left, self.up, self.front], np.float64).T


UNITY = Axes(left=(-1, 0, 0), up=(0, 1, 0), front=(0, 0, 1))
GODOT = Axes(left=(-1, 0, 0), up=(0, 1, 0), front=(0, 0, -1))
GLTF = Axes(left=(1, 0, 0), up=(0, 1, 0), front=(0, 0, 1))
BLENDER = Axes(left=(1, 0, 0), up=(0, 0, 1), front=(0, -1, 0))
UNREAL = Axes(left=(1, 0, 0), up=(0, 0, 1), front=(0, 1, 0))  # of its character meshes


@dataclass(frozen=True)
class Seen:
    """A character as a receiver shows it: vectors are how far to its left, up, to its front.

    Attributes:
        places: of its bones, in metres of a character as tall as ours, [3] each.
        fronts: where the front of a bone points, unit, [3] each.
        face: values by ARKit name.
    """

    places: Mapping[str, Array]
    fronts: Mapping[str, Array]
    face: Mapping[str, float]

    @classmethod
    def through(
        cls,
        axes: Axes,
        bones: Mapping[str, list[float]],
        face: Mapping[str, float],
        size: float = 1.0,
    ) -> "Seen":
        """From places and fronts in a target's coordinates, [6] for every bone.

        Args:
            size: metres of the target's character for one of ours.
        """
        vectors = {
            name: axes.seen_from_the_character(np.reshape(six, (2, 3)))
            for name, six in bones.items()
        }
        places = {name: place / size for name, (place, _) in vectors.items()}
        return cls(places, {name: front for name, (_, front) in vectors.items()}, face)

    def step(self, start: str, end: str) -> Array:
        """From one bone to another."""
        return self.places[end] - self.places[start]
