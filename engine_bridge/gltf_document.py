"""A glTF 2.0 document under construction: nodes, accessors and animations by index.

Every accessor has a buffer view of its own. Its numbers stay where they are until the file is
written, so that an hour of motion is not copied as a whole.
Source: Khronos Group, "glTF 2.0 Specification".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from engine_bridge.glb_writer import ALIGNMENT, write_glb

Json = dict[str, Any]
Element = Literal["SCALAR", "VEC3", "VEC4", "MAT4"]
Path = Literal["translation", "rotation", "weights"]
Numbers = npt.NDArray[np.float32] | npt.NDArray[np.uint16] | npt.NDArray[np.uint8]

VERTICES, INDICES = 34962, 34963  # ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER
_WIDTHS: dict[Element, int] = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_COMPONENTS = {"uint8": 5121, "uint16": 5123, "float32": 5126}
_GENERATOR = "umo-runtime"


@dataclass(frozen=True, slots=True)
class Curve:
    """What an animation does to one property of a node: accessors of its times and values."""

    node: int
    path: Path
    times: int
    values: int


class GltfDocument:
    """Collects what a file will hold.

    Attributes:
        root: the document's top level; what has no method of its own is put in here.
    """

    def __init__(self) -> None:
        self.root: Json = {"asset": {"version": "2.0", "generator": _GENERATOR}}
        self._blocks: list[tuple[Numbers, int]] = []  # [n, k] and the width k is padded to
        self._num_bytes = 0

    def add(self, kind: str, item: Json) -> int:
        """Append to one of the top-level lists, such as `nodes`; returns the index."""
        items: list[Json] = self.root.setdefault(kind, [])
        items.append(item)
        return len(items) - 1

    def add_node(self, name: str, parent: int | None = None, **properties: Any) -> int:
        """Append a node below another, or to the scene."""
        node = self.add("nodes", {"name": name, **properties})
        if parent is None:
            scenes: list[Json] = self.root.setdefault("scenes", [{"nodes": []}])
            scenes[0]["nodes"].append(node)
            self.root["scene"] = 0
        else:
            self.root["nodes"][parent].setdefault("children", []).append(node)
        return node

    def add_accessor(
        self,
        numbers: Numbers,
        element: Element,
        *,
        target: int | None = None,
        is_bounded: bool = False,
        is_normalized: bool = False,
    ) -> int:
        """Append numbers; the array must not change before `write`.

        Args:
            numbers: [n] or [n, k]; k may be less than the element has, the rest is then 0.
            element: how many components an element has.
            target: `VERTICES` or `INDICES`, for numbers of a mesh.
            is_bounded: state the least and the greatest; times and positions must.
            is_normalized: whole numbers stand for 0..1.
        """
        rows, width = numbers.reshape(len(numbers), -1), _WIDTHS[element]
        size = len(rows) * width * numbers.itemsize
        view: Json = {"buffer": 0, "byteOffset": self._num_bytes, "byteLength": size}
        if target is not None:
            view["target"] = target
        accessor: Json = {
            "bufferView": self.add("bufferViews", view),
            "componentType": _COMPONENTS[numbers.dtype.name],
            "count": len(rows),
            "type": element,
        }
        if is_bounded:
            accessor |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        if is_normalized:
            accessor["normalized"] = True
        self._blocks.append((rows, width))
        self._num_bytes += size + -size % ALIGNMENT
        return self.add("accessors", accessor)

    def add_animation(self, name: str, curves: Sequence[Curve]) -> None:
        """Append an animation that goes straight from key to key."""
        samplers = [
            {"input": curve.times, "output": curve.values, "interpolation": "LINEAR"}
            for curve in curves
        ]
        channels = [
            {"sampler": index, "target": {"node": curve.node, "path": curve.path}}
            for index, curve in enumerate(curves)
        ]
        self.add("animations", {"name": name, "samplers": samplers, "channels": channels})

    def write(self, stream: BinaryIO) -> None:
        """Write it as GLB.

        Raises:
            OutputError: it is larger than GLB can be.
        """
        if self._num_bytes:
            self.root["buffers"] = [{"byteLength": self._num_bytes}]
        write_glb(stream, self.root, self._bytes(), self._num_bytes)

    def _bytes(self) -> Iterator[bytes]:
        for rows, width in self._blocks:
            data = np.pad(rows, ((0, 0), (0, width - rows.shape[1]))).tobytes()
            yield data + bytes(-len(data) % ALIGNMENT)
