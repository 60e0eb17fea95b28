"""What one section of a map file says: what goes to which OSC address, in which words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES

# What an argument can be, besides `name`. The order of the sections is that of the messages: the
# time comes last, so that a receiver may take it for the end of a frame.
COMPONENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "root": ("x", "y", "z"),
        "bones": ("x", "y", "z", "w", "ex", "ey", "ez"),
        "blendshapes": ("value",),
        "time": ("seconds",),
    }
)
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"bones": BONES, "blendshapes": BLENDSHAPES}
)
DEFAULT_ARGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {**COMPONENTS, "bones": ("x", "y", "z", "w")}
)


@dataclass(frozen=True)
class OscRule:
    """Where the values of a section go.

    Attributes:
        section: a key of `COMPONENTS`.
        address: may hold `{stream}` and `{name}`.
        args: arguments of each item: components of the section, or `name`.
        names: items by our name, with the name that is sent; empty for a section without names.
        is_one_message: all items in one message instead of one each.
        space: key of `OSC_SPACES`; only positions and rotations have one.
        file: where it was read, for messages.
    """

    section: str
    address: str
    args: tuple[str, ...]
    names: Mapping[str, str]
    is_one_message: bool = False
    space: str = "ours"
    file: str = field(default="built in", compare=False)

    def messages(self, stream: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
        """Give address and items of every message; an item is its index in the section and name."""
        ours = NAMES.get(self.section, ("",))
        items = [(ours.index(name), sent) for name, sent in (self.names or {"": ""}).items()]
        groups = [items] if self.is_one_message else [[item] for item in items]
        for group in groups:
            yield self.address.format(stream=stream, name=group[0][1]), group


OscMap = tuple[OscRule, ...]

DEFAULT_MAP: OscMap = (
    OscRule("root", "/umo/{stream}/root", DEFAULT_ARGS["root"], {}),
    OscRule(
        "bones", "/umo/{stream}/bone/{name}", DEFAULT_ARGS["bones"], {name: name for name in BONES}
    ),
    OscRule(
        "blendshapes",
        "/umo/{stream}/face/{name}",
        DEFAULT_ARGS["blendshapes"],
        {name: name for name in BLENDSHAPES},
    ),
    OscRule("time", "/umo/{stream}/time", DEFAULT_ARGS["time"], {}),
)
