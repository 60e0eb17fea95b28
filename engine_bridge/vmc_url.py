"""What the options of a `vmc://` address mean.

`blend=arkit|arkit-pascal|vrm|vrm1`, `parts=all|body|face`, `fingers=true|false`, `model=FILE.vrm`,
`bone_space=vrm0|raw`, `root_bone=true|false`, `fps=1..240`, `source_port=1..65535`. The name of a
file is percent-encoded where it holds `&` or `%`.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from engine_bridge.rate_cap import RateCap
from engine_bridge.udp_transport import Address, UdpTransport
from engine_bridge.url_options import check_names, read_rate_cap
from engine_bridge.vmc_blends import BLEND_PROFILES, NO_BLENDS, BlendProfile
from engine_bridge.vmc_bone_space import BoneSpace, model_space, normalised_space
from engine_bridge.vmc_sender import VmcSender
from engine_bridge.vmc_template import VmcTemplate
from engine_bridge.vrm_model import read_vrm
from umo_runtime.clock import Clock
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import NUM_BONES, REGION_BONES, Region

T = TypeVar("T")

_OPTIONS = (
    *("blend", "parts", "fingers", "model", "bone_space", "root_bone", "fps", "source_port"),
)
_SWITCH = {"true": True, "false": False}
_FACE_BONES = frozenset(REGION_BONES[Region.FACE])
_FINGER_BONES = frozenset(REGION_BONES[Region.HANDS])
_PARTS = {
    "all": frozenset(range(NUM_BONES)),
    "body": frozenset(range(NUM_BONES)) - _FACE_BONES,
    "face": _FACE_BONES,
}
_IS_RAW = {"vrm0": False, "raw": True}
MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class VmcOptions:
    """How one avatar is sent.

    Attributes:
        blends: expressions and their names; none without the face.
        bones: which may be sent, ascending.
        model: the receiver's, or None.
        is_raw: send the model's own rotations instead of normalised ones.
        has_root: send where the character stands.
        root_bone: send that as a bone, too.
        rate_cap: which frames are sent at all.
        source_port: 0 takes a free one.
    """

    blends: BlendProfile
    bones: tuple[int, ...]
    model: Path | None
    is_raw: bool
    has_root: bool
    root_bone: bool
    rate_cap: RateCap
    source_port: int


def open_vmc(addresses: tuple[Address, ...], options: Mapping[str, str], clock: Clock) -> VmcSender:
    """Open a sender for one avatar.

    Args:
        addresses: host and port of every receiver.
        options: see the module.
        clock: time for `/VMC/Ext/T`.

    Raises:
        OutputError: an option is unknown or has no such value, the model cannot be used, the source
            port is taken, or a host does not resolve.
    """
    parsed = parse_vmc_options(options)
    template = VmcTemplate(
        _bone_space(parsed), parsed.blends, root=parsed.has_root, root_bone=parsed.root_bone
    )
    transport = UdpTransport(addresses, parsed.source_port)
    return VmcSender(transport, clock, template, parsed.rate_cap)


def parse_vmc_options(options: Mapping[str, str]) -> VmcOptions:
    """Read the options; touches neither files nor the network.

    Raises:
        OutputError: one is unknown or has no such value.
    """
    check_names("vmc", options, _OPTIONS)
    parts = _choice(options, "parts", {name: name for name in _PARTS}, "all")
    has_fingers = _choice(options, "fingers", _SWITCH, "true")
    blends = _choice(options, "blend", BLEND_PROFILES, "arkit")
    is_raw = _choice(options, "bone_space", _IS_RAW, "raw" if "model" in options else "vrm0")
    if is_raw and "model" not in options:
        raise OutputError("vmc option bone_space=raw needs the avatar's model: add model=FILE.vrm")
    root_bone = _choice(options, "root_bone", _SWITCH, "false")
    return VmcOptions(
        NO_BLENDS if parts == "body" else blends,
        tuple(sorted(_PARTS[parts] - (frozenset() if has_fingers else _FINGER_BONES))),
        Path(os.path.expanduser(unquote(options["model"]))) if "model" in options else None,
        is_raw,
        parts != "face",
        root_bone and parts != "face",
        read_rate_cap("vmc", options),
        _source_port(options),
    )


def _bone_space(options: VmcOptions) -> BoneSpace:
    if options.model is None:
        return normalised_space(options.bones)
    model = read_vrm(options.model)
    return model_space(model if options.is_raw else model.normalised(), options.bones)


def _choice(options: Mapping[str, str], name: str, values: Mapping[str, T], default: str) -> T:
    given = options.get(name, default)
    if given not in values:
        raise OutputError(f"vmc option {name}={given!r} is unknown; use {' or '.join(values)}")
    return values[given]


def _source_port(options: Mapping[str, str]) -> int:
    given = options.get("source_port")
    if given is None:
        return 0
    if not re.fullmatch("[0-9]{1,5}", given) or not 1 <= int(given) <= MAX_PORT:
        raise OutputError(f"vmc option source_port={given!r} is not a number from 1 to {MAX_PORT}")
    return int(given)
