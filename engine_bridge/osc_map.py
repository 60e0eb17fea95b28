"""Map files: which OSC addresses a receiver listens to, as TOML.

    [blendshapes]
    address = "/avatar/parameters/{name}"
    case = "pascal"

Sections are `root` (place of the hips), `bones`, `blendshapes` and `time`; those not named are not
sent. `docs/wire_protocol.md` lists their keys, `examples/osc_maps` has ready ones.
"""

import re
import string
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine_bridge.osc_rule import COMPONENTS, DEFAULT_ARGS, NAMES, OscMap, OscRule
from engine_bridge.osc_space import OSC_SPACES
from umo_runtime.errors import OutputError

# Printable ASCII without the characters that OSC 1.0 keeps for patterns.
_PART = r"[^\s#*,/?\[\]{}\x00-\x1f\x7f-\U0010ffff]+"
_ADDRESS = re.compile(f"(?:/{_PART})+")
STREAM = re.compile(_PART)
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CASES: Mapping[str, Callable[[str], str]] = {
    "camel": lambda name: name[:1].lower() + name[1:],
    "pascal": lambda name: name[:1].upper() + name[1:],
    "snake": lambda name: _BOUNDARY.sub("_", name).lower(),
}
_IS_ONE_MESSAGE = {"each": False, "one": True}


def read_osc_map(path: Path) -> OscMap:
    """Read a map file.

    Raises:
        OutputError: it cannot be read, is not TOML, or a key is unknown or has no such value.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"map {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OutputError(f"map {path} is not TOML: {error}") from error
    if not document:
        raise OutputError(f"map {path} is empty; give it one of {_list(COMPONENTS)}")
    for name in document:
        if name not in COMPONENTS:
            raise OutputError(f"map {path}: unknown section {name!r}; known: {_list(COMPONENTS)}")
    return tuple(
        _Section(str(path), name, document[name]).rule() for name in COMPONENTS if name in document
    )


class _Section:
    """Reads one section; every fault names file and key."""

    def __init__(self, path: str, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            raise OutputError(f"map {path}: {name} is not a section; write [{name}]")
        self._path, self._name, self._table = path, name, table

    def rule(self) -> OscRule:
        self._check_keys()
        rule = OscRule(
            self._name,
            self._address(),
            self._args(),
            self._names(),
            self._choice("messages", _IS_ONE_MESSAGE, "each"),
            self._choice("space", {space: space for space in OSC_SPACES}, "ours"),
            self._path,
        )
        self._check_names_tell_apart(rule)
        return rule

    def _check_keys(self) -> None:
        named = ("names", "case", "messages") if self._name in NAMES else ()
        placed = ("space",) if "x" in COMPONENTS[self._name] else ()
        known = ("address", "args", *named, *placed)
        for key in self._table:
            if key not in known:
                raise self._fault(key, f"is unknown; known: {_list(known)}")

    def _address(self) -> str:
        address = self._table.get("address")
        if not isinstance(address, str):
            raise self._fault("address", 'is missing; write address = "/..."')
        known = ("stream", "name") if self._name in NAMES else ("stream",)
        try:
            fields = [field[1:] for field in string.Formatter().parse(address)]
        except ValueError as error:
            raise self._fault("address", f"{address!r} has a brace without its other") from error
        for name, *form in fields:
            if name is not None and (name not in known or any(form)):
                raise self._fault(
                    "address", f"{address!r} has an unknown placeholder; known: {_braced(known)}"
                )
        if not _ADDRESS.fullmatch(address.format(stream="x", name="x")):
            raise self._fault("address", f"{address!r} is no OSC address such as /a/b")
        return address

    def _args(self) -> tuple[str, ...]:
        args = self._table.get("args", list(DEFAULT_ARGS[self._name]))
        known = (*(("name",) if self._name in NAMES else ()), *COMPONENTS[self._name])
        if not (isinstance(args, list) and args and all(arg in known for arg in args)):
            raise self._fault("args", f"{args!r} is not a list of {_list(known)}")
        return tuple(args)

    def _names(self) -> dict[str, str]:
        """Give the items by our name, with the name that is sent."""
        ours = NAMES.get(self._name, ())
        spell = self._choice("case", _CASES, "pascal" if self._name == "bones" else "camel")
        given: Any = self._table.get("names", list(ours))
        if not isinstance(given, list | dict) or (ours and not given):
            raise self._fault("names", f"{given!r} is neither a list of names nor a table of them")
        if isinstance(given, list):
            given = {name: spell(name) for name in map(str, given)}
        for name, sent in given.items():
            if name not in ours:
                raise self._fault("names", f"has {name!r}, no name of ours such as {ours[0]!r}")
            if not (isinstance(sent, str) and _ADDRESS.fullmatch(f"/{sent}")):
                raise self._fault("names", f"{name} = {sent!r} cannot be part of an OSC address")
        return dict(given)

    def _choice(self, key: str, values: Mapping[str, Any], default: str) -> Any:
        given = self._table.get(key, default)
        if not isinstance(given, str) or given not in values:
            raise self._fault(key, f"{given!r} is not one of {_list(values)}")
        return values[given]

    def _check_names_tell_apart(self, rule: OscRule) -> None:
        has_name = "{name}" in rule.address
        if rule.is_one_message and has_name:
            raise self._fault("address", 'has {name}, which messages = "one" leaves no place for')
        if (
            not rule.is_one_message
            and len(rule.names) > 1
            and not (has_name or "name" in rule.args)
        ):
            raise self._fault(
                "address",
                'tells no names apart; add {name}, or "name" to args, or messages = "one"',
            )

    def _fault(self, key: str, reason: str) -> OutputError:
        return OutputError(f"map {self._path}: {self._name}.{key} {reason}")


def _list(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(names)


def _braced(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
