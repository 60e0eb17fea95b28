"""A whole frame in the messages of an OSC map, built once and then only patched.

All that a frame can say stands in one array of floats; every float argument of every message is a
word of the datagrams that is copied from one place of it.
"""

from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from engine_bridge.osc_bundle import encode_message
from engine_bridge.osc_patch import MAX_MESSAGE_BYTES, PatchedBundles
from engine_bridge.osc_rule import COMPONENTS, NAMES, OscMap, OscRule
from engine_bridge.osc_space import OSC_SPACES
from umo_runtime.errors import OutputError
from umo_runtime.types import FloatArray, IntArray

_ROTATION_FLOATS = 4
_EULER = {"ex", "ey", "ez"}
_SHAPES = {name: (len(NAMES.get(name, ("",))), len(parts)) for name, parts in COMPONENTS.items()}
*_OFFSETS, _NUM_VALUES = accumulate((n * k for n, k in _SHAPES.values()), initial=0)
_STARTS = dict(zip(_SHAPES, _OFFSETS, strict=True))
_TIME = _STARTS["time"]

Place = tuple[int, int]  # words before the end of its message, and index of the value that it shows


class OscTemplate:
    """The datagrams of one avatar.

    Args:
        osc_map: what to send; not empty.
        stream: what `{stream}` stands for.

    Attributes:
        datagrams: views of the current frame, in sending order; the next `set_*` changes them.

    Raises:
        OutputError: a message is too long for a datagram.
    """

    def __init__(self, osc_map: OscMap, stream: str) -> None:
        messages = [message for rule in osc_map for message in _messages(rule, stream)]
        self._bundles = PatchedBundles([encoded for encoded, _ in messages])
        self.datagrams = self._bundles.datagrams
        self._rules = {rule.section: rule for rule in osc_map}
        self._lay_out_values([places for _, places in messages])

    def set_pose(
        self, rotations: FloatArray, root_position: FloatArray, blendshapes: FloatArray
    ) -> None:
        """Patch the pose.

        Args:
            rotations: parent-local, in our space, [55, 4] xyzw.
            root_position: position of the hips in metres, in our space, [3].
            blendshapes: [52] in 0..1.
        """
        if "root" in self._rules:
            space = OSC_SPACES[self._rules["root"].space]
            self._view("root")[0] = space.position(root_position)
        if "bones" in self._rules:
            self._set_bones(self._rules["bones"], rotations)
        self._view("blendshapes")[:, 0] = blendshapes
        self._bundles.words[self._slots] = self._values[self._sources]

    def set_time(self, seconds: float) -> None:
        """Patch the time."""
        self._bundles.words[self._time_slots] = seconds

    def _set_bones(self, rule: OscRule, rotations: FloatArray) -> None:
        space, view = OSC_SPACES[rule.space], self._view("bones")
        turned = space.rotation(rotations)
        view[:, :_ROTATION_FLOATS] = turned
        if _EULER & set(rule.args):
            view[:, _ROTATION_FLOATS:] = space.euler_deg(turned)

    def _view(self, section: str) -> FloatArray:
        start, shape = _STARTS[section], _SHAPES[section]
        return self._values[start : start + shape[0] * shape[1]].reshape(shape)

    def _lay_out_values(self, places: list[list[Place]]) -> None:
        """Point every word that changes at the value that it shows."""
        ends = self._bundles.ends
        words = np.array(
            [
                (end - back, source)
                for end, of in zip(ends, places, strict=True)
                for back, source in of
            ]
        ).reshape(-1, 2)
        is_time = words[:, 1] == _TIME
        self._time_slots: IntArray = words[is_time, 0]
        self._slots: IntArray = words[~is_time, 0]
        self._sources: IntArray = words[~is_time, 1]
        self._values: FloatArray = np.zeros(_NUM_VALUES, np.float32)


def _messages(rule: OscRule, stream: str) -> Iterator[tuple[bytes, list[Place]]]:
    """Encode the messages of a rule with zeros, and say which value belongs where."""
    for address, items in rule.messages(stream):
        arguments = [
            name if arg == "name" else _source(rule.section, index, arg)
            for index, name in items
            for arg in rule.args
        ]
        texts_and_zeros = [0.0 if isinstance(arg, int) else arg for arg in arguments]
        encoded = encode_message(address, *texts_and_zeros)
        if len(encoded) > MAX_MESSAGE_BYTES:
            raise OutputError(
                f"map {rule.file}: {rule.section} makes a message of {len(encoded)} bytes, more "
                f'than {MAX_MESSAGE_BYTES}; name fewer, or write messages = "each"'
            )
        yield encoded, _places(arguments)


def _source(section: str, index: int, component: str) -> int:
    parts = COMPONENTS[section]
    return _STARTS[section] + index * len(parts) + parts.index(component)


def _places(arguments: list[str | int]) -> list[Place]:
    places, back = [], 0
    for argument in reversed(arguments):
        back += 1 if isinstance(argument, int) else len(argument.encode()) // 4 + 1
        if isinstance(argument, int):
            places.append((back, argument))
    return places
