"""A small GLB reader that knows nothing of the writer: accessors, world matrices, animations."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from engine_bridge import open_recorder
from tests.engine_bridge.bridge_frames import matrix
from umo_runtime.types import MotionFrame

Array = npt.NDArray[np.float64]
_TYPES = {5121: "u1", 5123: "<u2", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass
class Track:
    """Keys of one property: times [T] and values [T, k]."""

    times: Array
    values: Array

    def at(self, time_s: float) -> Array:
        """The value between the two keys around a time, renormalised where it is a rotation."""
        value = np.array([np.interp(time_s, self.times, column) for column in self.values.T])
        return value / np.linalg.norm(value) if len(value) == 4 else value


@dataclass
class Gltf:
    json: dict[str, Any]
    binary: bytes

    def accessor(self, index: int) -> Array:
        described = self.json["accessors"][index]
        view = self.json["bufferViews"][described["bufferView"]]
        assert view["byteOffset"] % 4 == 0
        width = _WIDTHS[described["type"]]
        numbers = np.frombuffer(
            self.binary,
            _TYPES[described["componentType"]],
            described["count"] * width,
            view["byteOffset"],
        ).reshape(-1, width)
        assert numbers.nbytes == view["byteLength"]
        for bound, of in (("min", np.min), ("max", np.max)):
            if bound in described:
                assert described[bound] == of(numbers, axis=0).tolist()
        return numbers.astype(np.float64)

    def node(self, name: str) -> int:
        (found,) = (i for i, node in enumerate(self.json["nodes"]) if node["name"] == name)
        return found

    def tracks(self, animation: int = 0) -> dict[tuple[int, str], Track]:
        """Tracks by node and path."""
        animated = self.json["animations"][animation]
        tracks = {}
        for channel in animated["channels"]:
            sampler = animated["samplers"][channel["sampler"]]
            assert sampler["interpolation"] == "LINEAR"
            times, values = (self.accessor(sampler[key]) for key in ("input", "output"))
            assert "min" in self.json["accessors"][sampler["input"]]
            assert times[0] >= 0 and (np.diff(times[:, 0]) > 0).all()
            target = (channel["target"]["node"], channel["target"]["path"])
            assert target not in tracks
            tracks[target] = Track(times[:, 0], values.reshape(len(times), -1))
        return tracks

    def place(self, time_s: float | None = None, animation: int = 0) -> dict[str, Array]:
        """World matrices [4, 4] of all nodes, at rest or at a time."""
        tracks = {} if time_s is None else self.tracks(animation)
        nodes, placed = self.json["nodes"], {}

        def visit(index: int, above: Array) -> None:
            local = np.eye(4)
            for path, default in (("translation", (0, 0, 0)), ("rotation", (0, 0, 0, 1))):
                value = np.array(nodes[index].get(path, default), np.float64)
                if time_s is not None and (index, path) in tracks:
                    value = tracks[index, path].at(time_s)
                if path == "translation":
                    local[:3, 3] = value
                else:
                    local[:3, :3] = matrix(value)
            placed[nodes[index]["name"]] = above @ local
            for child in nodes[index].get("children", ()):
                visit(child, above @ local)

        for root in self.json["scenes"][self.json["scene"]]["nodes"]:
            visit(root, np.eye(4))
        assert len(placed) == len(nodes)
        return placed


def read_gltf(path: Path) -> Gltf:
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    assert size % 4 == 0
    parsed, rest = json.loads(data[20 : 20 + size]), data[20 + size :]
    if not rest:
        return Gltf(parsed, b"")
    binary_size, kind = struct.unpack_from("<I4s", rest)
    assert kind == b"BIN\0"
    assert binary_size == len(rest) - 8 == parsed["buffers"][0]["byteLength"]
    return Gltf(parsed, rest[8:])


def recorded(suffix: str, frames: list[MotionFrame], fps: float = 30.0) -> Gltf:
    """What is in a recording of frames."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"take{suffix}"
        recorder = open_recorder(path, fps)
        for frame in frames:
            recorder.write(frame)
        recorder.close()
        return read_gltf(path)
