"""The keys of a glTF animation: one run of times for all curves of a document."""

from functools import cached_property

from engine_bridge.gltf_document import Curve, Element, GltfDocument, Path
from umo_runtime.types import FloatArray

_ELEMENTS: dict[Path, Element] = {
    "translation": "VEC3",
    "rotation": "VEC4",
    "weights": "SCALAR",
}


class Timeline:
    """Adds the curves of one document, all of which have the same keys.

    Args:
        document: gets the accessors.
        times_s: strictly rising, [T] float32, T >= 1.
    """

    def __init__(self, document: GltfDocument, times_s: FloatArray) -> None:
        self._document = document
        self._times_s = times_s
        self._ends = [0, len(times_s) - 1] if len(times_s) > 1 else [0]

    @cached_property
    def _all_times(self) -> int:
        return self._document.add_accessor(self._times_s, "SCALAR", is_bounded=True)

    @cached_property
    def _end_times(self) -> int:
        return self._document.add_accessor(self._times_s[self._ends], "SCALAR", is_bounded=True)

    def curve(self, node: int, path: Path, values: FloatArray) -> Curve:
        """Animate a property of a node by values [T, k]; where they are all the same, two do."""
        if (values == values[0]).all():
            times, values = self._end_times, values[self._ends]
        else:
            times = self._all_times
        if path == "weights":
            values = values.reshape(-1)
        return Curve(node, path, times, self._document.add_accessor(values, _ELEMENTS[path]))
