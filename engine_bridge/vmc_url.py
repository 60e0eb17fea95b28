"""What the options of a `vmc://` address mean.

`blend_case=camel|pascal`, `fingers=true|false`, `root_bone=true|false`, `fps=1..240`.
"""

from collections.abc import Mapping
from typing import TypeVar, get_args

from engine_bridge.rate_cap import RateCap
from engine_bridge.udp_transport import Address, UdpTransport
from engine_bridge.vmc_sender import VmcSender
from engine_bridge.vmc_template import BlendCase, VmcTemplate
from umo_runtime.clock import Clock
from umo_runtime.errors import OutputError

T = TypeVar("T")

_OPTIONS = ("blend_case", "fingers", "root_bone", "fps")
_SWITCH = {"true": True, "false": False}
_BLEND_CASES: dict[str, BlendCase] = {case: case for case in get_args(BlendCase)}
_MAX_FPS = 240.0


def open_vmc(addresses: tuple[Address, ...], options: Mapping[str, str], clock: Clock) -> VmcSender:
    """Open a sender for one avatar.

    Args:
        addresses: host and port of every receiver.
        options: see the module.
        clock: time for `/VMC/Ext/T`.

    Raises:
        OutputError: an option is unknown or has no such value, or a host does not resolve.
    """
    for name in options:
        if name not in _OPTIONS:
            raise OutputError(f"unknown vmc option {name!r}; known: {', '.join(_OPTIONS)}")
    template = VmcTemplate(
        blend_case=_choice(options, "blend_case", _BLEND_CASES, "camel"),
        fingers=_choice(options, "fingers", _SWITCH, "true"),
        root_bone=_choice(options, "root_bone", _SWITCH, "false"),
    )
    rate_cap = _rate_cap(options)
    return VmcSender(UdpTransport(addresses), clock, template, rate_cap)


def _choice(options: Mapping[str, str], name: str, values: Mapping[str, T], default: str) -> T:
    given = options.get(name, default)
    if given not in values:
        raise OutputError(f"vmc option {name}={given!r} is unknown; use {' or '.join(values)}")
    return values[given]


def _rate_cap(options: Mapping[str, str]) -> RateCap:
    if "fps" not in options:
        return RateCap()
    try:
        fps = float(options["fps"])
    except ValueError:
        fps = 0.0
    if not 1 <= fps <= _MAX_FPS:
        raise OutputError(
            f"vmc option fps={options['fps']!r} is not a number from 1 to {_MAX_FPS:g}"
        )
    return RateCap(fps)
